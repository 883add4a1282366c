// The one place where rules learn the values of metadata labels.
#pragma once

#include <string>

#include "query/walk.h"

namespace fairlead::plugins::rewrite {

/// The value of `label` ("plugin/name") for the question of `walk`; empty when nobody gives it one.
inline std::string label_value(const query::Walk& walk, const std::string& label) {
  std::string value;
  walk.label(label, value);
  return value;
}

}  // namespace fairlead::plugins::rewrite
