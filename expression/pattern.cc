#include "expression/pattern.h"

#include <re2/re2.h>

#include <cstdint>

namespace fairlead::expression {
namespace {

constexpr int64_t kMaxMemory = 8 << 20;  // of a compiled pattern, and what its search remembers

const char* words_of(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "regexp/syntax: internal error";
  }
}

}  // namespace

std::unique_ptr<const re2::RE2> compile_pattern(const std::string& pattern, bool ignore_case) {
  re2::RE2::Options options;
  options.set_log_errors(false);  // it would write to stderr
  options.set_max_mem(kMaxMemory);
  options.set_case_sensitive(!ignore_case);
  return std::make_unique<const re2::RE2>(pattern, options);
}

std::string pattern_error(const re2::RE2& pattern) {
  return std::string("error parsing regexp: ") + words_of(pattern.error_code()) + ": `" +
         pattern.error_arg() + "`";
}

}  // namespace fairlead::expression
