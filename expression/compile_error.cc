#include "expression/compile_error.h"

#include <algorithm>

namespace fairlead::expression {
namespace {

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

}  // namespace

// Columns are characters, not octets. An empty line is not shown, and has no place then.
std::string CompileError::place(std::string_view text, size_t at) {
  at = std::min(at, text.size());
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view shown = text.substr(start, text.find('\n', at) - start);
  if (shown.empty()) return {};
  const std::string_view left = text.substr(start, at - start);
  const auto column = std::count_if(left.begin(), left.end(), begins_character);
  return " (" + std::to_string(line) + ":" + std::to_string(column + 1) + ")\n | " +
         std::string(shown) + "\n | " + std::string(static_cast<size_t>(column), '.') + "^";
}

}  // namespace fairlead::expression
