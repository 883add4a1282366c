// Tokens of the template language: text, and what stands between "{{" and "}}" (Go's
// text/template).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::plugins::templates {

struct Token {
  enum class Kind : uint8_t {
    Text,
    Open,   // "{{", trim mark included
    Close,  // "}}"
    Word,   // a function or keyword
    Field,  // ".Name"
    Dot,
    Variable,
    Number,
    Character,
    String,
    RawString,
    Pipe,
    LeftParen,
    RightParen,
    Assign,  // "=" or ":="
    Other,
    Error,
    End,
  };
  Kind kind = Kind::End;
  std::string text;     // as written; of an error what is wrong
  size_t at = 0;        // octets in front of it
  bool spaced = false;  // blanks stand in front of it, within an action
};

/// Comments are left out, trim marks are obeyed. Any octets are accepted; an error is the last
/// token.
class ActionLexer {
 public:
  /// `text` must outlive this.
  explicit ActionLexer(std::string_view text) : text_(text) {}
  Token next();

 private:
  Token text();
  Token in_action();
  Token open();
  bool comment(size_t begin);
  Token close(size_t size);
  Token quoted(char quote, Token::Kind kind, std::string_view unterminated);
  Token raw_string();
  Token number();
  Token word(Token::Kind kind);
  Token symbol();
  Token token(Token::Kind kind, size_t from);
  Token fail(std::string_view what, size_t from);

  [[nodiscard]] bool ends_word() const;
  [[nodiscard]] size_t close_size(size_t at) const;
  [[nodiscard]] char ahead(size_t offset) const {
    return at_ + offset < text_.size() ? text_[at_ + offset] : '\0';
  }

  std::string_view text_;
  size_t at_ = 0;
  bool inside_ = false;
  bool spaced_ = false;
  bool trims_ = false;  // the text that follows begins without blanks
  size_t parens_ = 0;
  std::string error_;  // once there was one
};

}  // namespace fairlead::plugins::templates
