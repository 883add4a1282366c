// Messages as tests write them.
#pragma once

#include <string>

#include "test/scenarios/wire.h"

namespace fairlead::dns {

using scenarios::Octets;

/// Octets from hexadecimal digits (spaces between them are skipped) and names in quotes: `000a
/// "mail.x."`.
inline Octets octets(const std::string& text) {
  Octets out;
  std::string digits;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (text[i] == '"') {
      const size_t end = text.find('"', i + 1);
      const Octets name = scenarios::encode_name(text.substr(i + 1, end - i - 1));
      out.insert(out.end(), name.begin(), name.end());
      i = end;
      continue;
    }
    digits += text[i];
    if (digits.size() < 2) continue;
    out.push_back(static_cast<uint8_t>(std::stoi(digits, nullptr, 16)));
    digits.clear();
  }
  return out;
}

}  // namespace fairlead::dns
