// Lines and words of the system's files: hosts, resolv.conf.
#pragma once

#include <algorithm>
#include <string_view>

namespace fairlead::plugins {

/// Takes the first line off `text`, which is not empty; without its newline.
inline std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// Takes the first word off `line`; empty at its end. `blanks` stand between words.
inline std::string_view take_word(std::string_view& line, std::string_view blanks) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace fairlead::plugins
