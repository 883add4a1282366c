// Regular expressions in Go's dialect, and in Go's words what is wrong with one.
#pragma once

#include <memory>
#include <string>

namespace re2 {
class RE2;
}

namespace fairlead::expression {

/// A search takes a time that is linear in the text. When the pattern cannot be used, ok() is false
/// and pattern_error() says why. Never null.
std::unique_ptr<const re2::RE2> compile_pattern(const std::string& pattern,
                                                bool ignore_case = false);

/// "error parsing regexp: missing closing ): `(`".
std::string pattern_error(const re2::RE2& pattern);

}  // namespace fairlead::expression
