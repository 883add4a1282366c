// Text of others, made fit for messages, logs and terminals.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace fairlead::dns {

/// Appends `text` with a space for each control character: what is one line stays one. Octets of
/// UTF-8 stay.
inline void append_line(std::string_view text, std::string& out) {
  for (const char c : text) out += static_cast<unsigned char>(c) < ' ' || c == '\x7f' ? ' ' : c;
}

inline std::string one_line(std::string_view text) {
  std::string line;
  append_line(text, line);
  return line;
}

/// The first `most` octets, with '?' for what is not printable ASCII.
inline std::string printable(std::string_view text, size_t most = std::string_view::npos) {
  std::string result(text.substr(0, most));
  std::ranges::replace_if(
      result, [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

}  // namespace fairlead::dns
