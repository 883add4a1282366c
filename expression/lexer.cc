#include "expression/lexer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <utility>

#include "expression/compile_error.h"
#include "expression/literal.h"

namespace fairlead::expression {
namespace {

constexpr std::string_view kWords[] = {"and",      "or",         "not",      "in",  "matches",
                                       "contains", "startsWith", "endsWith", "let", "if"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Letters of other scripts are letters too.
bool is_letter(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x80 || std::isalpha(octet) != 0 || c == '_' || c == '$';
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    while (skip_blanks()) next();
    // Where CoreDNS sees the end of a text.
    size_t last = text_.empty() ? 0 : text_.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text_[last]) & 0xc0) == 0x80) --last;
    tokens_.push_back({Token::Kind::End, "", last});
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool sees(std::string_view word) const {
    return text_.substr(at_).starts_with(word);
  }
  [[noreturn]] void fail(const std::string& message, size_t at) const {
    throw CompileError(message, text_, at);
  }
  void push(Token::Kind kind, size_t start) {
    tokens_.push_back({kind, std::string(text_.substr(start, at_ - start)), start});
  }

  // False at the end.
  bool skip_blanks() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
      } else if (sees("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (sees("/*")) {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) fail("unclosed comment", text_.size());
        at_ = end + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  void next() {
    const char c = peek();
    if (c == '\'' || c == '"') return quoted(c);
    if (c == '`') return raw();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (is_letter(c)) return word();
    if (std::string_view("([{}])").find(c) != std::string_view::npos) {
      ++at_;
      return push(Token::Kind::Bracket, at_ - 1);
    }
    symbol();
  }

  void quoted(char quote) {
    const size_t start = at_++;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n')
      at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size() || text_[at_] == '\n')
      fail("literal not terminated", std::min(at_, text_.size()));
    Token token{Token::Kind::String, "", start};
    const std::string_view inside = text_.substr(start + 1, at_ - start - 1);
    const size_t wrong = unescape(inside, token.text);
    if (wrong != std::string_view::npos) fail("invalid char escape", start + 1 + wrong);
    ++at_;
    tokens_.push_back(std::move(token));
  }

  // Two back quotes are one.
  void raw() {
    Token token{Token::Kind::String, "", at_++};
    while (at_ < text_.size()) {
      if (peek() == '`' && peek(1) != '`') {
        ++at_;
        tokens_.push_back(std::move(token));
        return;
      }
      if (peek() == '`') ++at_;
      token.text += text_[at_++];
    }
    fail("literal not terminated", text_.size());
  }

  void skip_digits(std::string_view digits) {
    while (at_ < text_.size() && digits.find(text_[at_]) != std::string_view::npos) ++at_;
  }

  void number() {
    constexpr std::string_view kDecimal = "0123456789_";
    const size_t start = at_;
    std::string_view digits = kDecimal;
    if (peek() == '0' && peek(1) != '\0') {
      const char base = static_cast<char>(std::tolower(static_cast<unsigned char>(peek(1))));
      if (base == 'x') digits = "0123456789abcdefABCDEF_";
      if (base == 'o') digits = "01234567_";
      if (base == 'b') digits = "01_";
      if (digits != kDecimal) at_ += 2;
    }
    skip_digits(digits);
    if (digits == kDecimal) fraction(text_[start] == '.');
    if (is_letter(peek()) || is_digit(peek())) {
      ++at_;
      fail("bad number syntax: \"" + std::string(text_.substr(start, at_ - start)) + "\"", at_ - 1);
    }
    push(Token::Kind::Number, start);
  }

  // 1..3 is a range. `1.2.3` is two numbers, the second ".3"; of 10.0.0.0 it is ".0.0".
  void fraction(bool second) {
    constexpr std::string_view kDigits = "0123456789_";
    for (int i = 0; i < (second ? 2 : 1) && peek() == '.' && peek(1) != '.'; ++i) {
      if (i == 1 && !is_digit(peek(1))) break;
      ++at_;
      skip_digits(kDigits);
    }
    if (peek() != 'e' && peek() != 'E') return;
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    skip_digits(kDigits);
  }

  void word() {
    const size_t start = at_;
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    const bool op = is_word_operator(text_.substr(start, at_ - start));
    push(op ? Token::Kind::Operator : Token::Kind::Identifier, start);
  }

  void symbol() {
    constexpr std::string_view kSymbols[] = {
        "==", "!=", "<=", ">=", "&&", "||", "**", "..", "??", "?.", "::", "#", ",", "?", ":",
        ";",  "%",  "*",  "+",  "-",  "/",  "^",  "<",  ">",  "=",  "!",  "&", "|", "."};
    for (const std::string_view symbol : kSymbols) {
      if (!sees(symbol)) continue;
      at_ += symbol.size();
      return push(Token::Kind::Operator, at_ - symbol.size());
    }
    std::array<char, 40> message;
    const auto octet = static_cast<unsigned char>(peek());
    const int shown = std::isprint(octet) != 0 ? octet : '?';
    (void)std::snprintf(message.data(), message.size(), "unrecognized character: U+%04X '%c'",
                        octet, shown);
    fail(message.data(), at_);
  }

  const std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::string to_text(const Token& token) {
  constexpr std::string_view kNames[] = {"EOF",    "Identifier", "Number",
                                         "String", "Operator",   "Bracket"};
  const std::string name(kNames[static_cast<size_t>(token.kind)]);
  return token.text.empty() ? name : name + "(" + quoted(token.text) + ")";
}

std::vector<Token> tokenize(std::string_view text) {
  return Lexer(text).run();
}

bool is_word_operator(std::string_view word) {
  return std::ranges::find(kWords, word) != std::end(kWords);
}

}  // namespace fairlead::expression
