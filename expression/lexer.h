// The text of an expression as tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::expression {

struct Token {
  enum class Kind : uint8_t { End, Identifier, Number, String, Operator, Bracket };
  Kind kind = Kind::End;
  std::string text;  // of a String what it means, without quotes and escapes
  size_t at = 0;     // its first octet; that of the End is the last of the text

  [[nodiscard]] bool is(Kind wanted, std::string_view value) const {
    return kind == wanted && text == value;
  }
};

/// `Number("5")`, `EOF`.
std::string to_text(const Token& token);

/// Ends with an End. Comments are left out. Throws CompileError.
std::vector<Token> tokenize(std::string_view text);

/// "and", "in", "contains", …: words that are no identifiers.
bool is_word_operator(std::string_view word);

}  // namespace fairlead::expression
