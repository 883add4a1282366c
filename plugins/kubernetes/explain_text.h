// Words of explanations that several of their parts use.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "zones/objects.h"

namespace fairlead::plugins::kubernetes {

/// "NAMESPACE/NAME"
inline std::string text_of(const zones::ObjectKey& key) {
  return key.namespace_name + "/" + key.name;
}

/// Eight of `texts`, and how many there are besides.
inline std::string some_of(const std::vector<std::string>& texts) {
  constexpr size_t kMost = 8;
  std::string text;
  for (size_t i = 0; i < std::min(texts.size(), kMost); ++i)
    text += (i == 0 ? "" : ", ") + texts[i];
  if (texts.size() > kMost) text += " and " + std::to_string(texts.size() - kMost) + " more";
  return text;
}

}  // namespace fairlead::plugins::kubernetes
