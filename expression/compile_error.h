// What is wrong with an expression, in CoreDNS's words.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fairlead::expression {

/// what() is the message with its place: "unknown name foo (1:1)\n | foo\n | ^".
class CompileError : public std::runtime_error {
 public:
  /// `at`: the octet of `text` where it is seen.
  CompileError(const std::string& message, std::string_view text, size_t at)
      : std::runtime_error(message + place(text, at)) {}

 private:
  static std::string place(std::string_view text, size_t at);
};

}  // namespace fairlead::expression
