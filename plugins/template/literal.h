// Strings, characters and numbers as they are written within actions: Go's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/template/value.h"

namespace fairlead::plugins::templates {

/// What stands between quotes, escapes resolved; `quote` is '"', '\'' or '`'. Empty when an escape
/// is none.
std::optional<std::string> unquoted(std::string_view text, char quote);

/// An integer, with "0x", "0o", "0b" and "_", or a real number. None when it is neither.
Value number_literal(std::string_view text);

/// 'c' as an integer: its code point. None when it is none.
Value character_literal(std::string_view text);

}  // namespace fairlead::plugins::templates
