// Texts and numbers as expressions write them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "expression/value.h"

namespace fairlead::expression {

/// Appends what stands between two quotes. Returns npos, or where (in `inside`) an escape is none:
/// the character behind the backslash.
size_t unescape(std::string_view inside, std::string& out);

/// As Go's %q shows a text.
std::string quoted(std::string_view text);

/// A number's token as a value. Empty, or what is wrong in Go's words.
std::string read_number(std::string_view token, Value& out);

/// What int() and float() read; false when it is none.
bool parse_int(std::string_view text, int base, int64_t& out);
bool parse_float(std::string_view text, double& out);

}  // namespace fairlead::expression
