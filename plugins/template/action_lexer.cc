#include "plugins/template/action_lexer.h"

#include <algorithm>

namespace fairlead::plugins::templates {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_space(char c) {
  return kBlanks.find(c) != std::string_view::npos && c != '\0';
}

bool is_number_char(char c) {
  return (c >= '0' && c <= '9') || c == '_';
}

// Letters beyond ASCII are letters.
bool is_word_char(char c) {
  const char low = static_cast<char>(c | 0x20);
  return is_number_char(c) || (low >= 'a' && low <= 'z') || static_cast<uint8_t>(c) >= 0x80;
}

}  // namespace

Token ActionLexer::token(Token::Kind kind, size_t from) {
  return {kind, std::string(text_.substr(from, at_ - from)), from, spaced_};
}

Token ActionLexer::fail(std::string_view what, size_t from) {
  error_ = what;
  return {Token::Kind::Error, error_, from, false};
}

Token ActionLexer::next() {
  if (!error_.empty()) return fail(std::string(error_), at_);
  return inside_ ? in_action() : text();
}

// Text up to the next action, as far as trim marks leave of it; comments in between are nothing.
Token ActionLexer::text() {
  while (at_ < text_.size()) {
    if (trims_) at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size());
    trims_ = false;
    const size_t from = at_;
    at_ = std::min(text_.find("{{", from), text_.size());
    size_t end = at_;
    const bool trimmed = ahead(2) == '-' && is_space(ahead(3));
    if (end < text_.size() && trimmed) {
      const size_t last = text_.substr(from, end - from).find_last_not_of(kBlanks);
      end = last == std::string_view::npos ? from : from + last + 1;
    }
    if (end > from)
      return {Token::Kind::Text, std::string(text_.substr(from, end - from)), from, false};
    if (at_ == text_.size()) break;
    const size_t begin = at_ + (trimmed ? 4 : 2);
    if (!text_.substr(begin).starts_with("/*")) return open();
    if (!comment(begin)) return fail(std::string(error_), begin);
  }
  return {Token::Kind::End, "EOF", at_, false};
}

Token ActionLexer::open() {
  const size_t from = at_;
  at_ += ahead(2) == '-' && is_space(ahead(3)) ? 4 : 2;
  inside_ = true;
  parens_ = 0;
  return {Token::Kind::Open, "{{", from, false};
}

// Over the comment that begins there; false, and error_ set, when it does not end.
bool ActionLexer::comment(size_t begin) {
  const size_t end = text_.find("*/", begin + 2);
  if (end == std::string_view::npos) {
    error_ = "unclosed comment";
    return false;
  }
  const size_t size = close_size(end + 2);
  if (size == 0) {
    error_ = "comment ends before closing delimiter";
    return false;
  }
  trims_ = size == 4;
  at_ = end + 2 + size;
  return true;
}

// Of the "}}" or " -}}" there; 0: there is none.
size_t ActionLexer::close_size(size_t at) const {
  const std::string_view rest = text_.substr(std::min(at, text_.size()));
  if (rest.size() >= 4 && is_space(rest[0]) && rest.substr(1).starts_with("-}}")) return 4;
  return rest.starts_with("}}") ? 2 : 0;
}

Token ActionLexer::close(size_t size) {
  const size_t from = at_;
  if (parens_ != 0) return fail("unclosed left paren", from);
  at_ += size;
  inside_ = false;
  trims_ = size == 4;
  return {Token::Kind::Close, "}}", from, false};
}

Token ActionLexer::in_action() {
  spaced_ = false;
  for (; at_ < text_.size(); ++at_) {
    if (const size_t size = close_size(at_)) return close(size);
    if (!is_space(text_[at_])) break;
    spaced_ = true;
  }
  if (at_ == text_.size()) return fail("unclosed action", at_);
  const char c = text_[at_];
  const bool digit = is_number_char(c) && c != '_';
  const bool digit_follows = is_number_char(ahead(1)) && ahead(1) != '_';
  if (c == '"') return quoted('"', Token::Kind::String, "unterminated quoted string");
  if (c == '\'') return quoted('\'', Token::Kind::Character, "unterminated character constant");
  if (c == '`') return raw_string();
  if (c == '$') return word(Token::Kind::Variable);
  if (digit || c == '+' || c == '-' || (c == '.' && digit_follows)) return number();
  if (c == '.') return word(Token::Kind::Field);
  if (is_word_char(c)) return word(Token::Kind::Word);
  return symbol();
}

Token ActionLexer::symbol() {
  const size_t from = at_;
  switch (text_[at_++]) {
    case '|':
      return token(Token::Kind::Pipe, from);
    case '(':
      ++parens_;
      return token(Token::Kind::LeftParen, from);
    case ')':
      if (parens_ == 0) return fail("unexpected right paren", from);
      --parens_;
      return token(Token::Kind::RightParen, from);
    case '=':
      return token(Token::Kind::Assign, from);
    case ':':
      if (ahead(0) != '=') return fail("expected :=", from);
      ++at_;
      return token(Token::Kind::Assign, from);
    default:
      break;
  }
  const char c = text_[from];
  if (c >= ' ' && c <= '~') return token(Token::Kind::Other, from);
  return fail("unrecognized character in action", from);
}

Token ActionLexer::quoted(char quote, Token::Kind kind, std::string_view unterminated) {
  const size_t from = at_++;
  for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
    if (text_[at_] == quote) {
      ++at_;
      return token(kind, from);
    }
    if (text_[at_] == '\\' && ahead(1) != '\n') ++at_;
  }
  at_ = std::min(at_, text_.size());
  return fail(unterminated, from);
}

Token ActionLexer::raw_string() {
  const size_t from = at_;
  const size_t end = text_.find('`', from + 1);
  if (end == std::string_view::npos) return fail("unterminated raw quoted string", from);
  at_ = end + 1;
  return token(Token::Kind::RawString, from);
}

// What it means is the parser's to say.
Token ActionLexer::number() {
  const size_t from = at_++;
  const bool hex = (ahead(0) | 0x20) == 'x';
  while (is_word_char(ahead(0)) || ahead(0) == '.') {
    const bool exponent = !hex && (ahead(0) | 0x20) == 'e';
    ++at_;
    if (exponent && (ahead(0) == '+' || ahead(0) == '-')) ++at_;
  }
  return token(Token::Kind::Number, from);
}

bool ActionLexer::ends_word() const {
  static constexpr std::string_view kEnds = " \t\r\n.,|:)(";
  if (at_ == text_.size()) return true;
  return kEnds.find(text_[at_]) != std::string_view::npos || text_.substr(at_).starts_with("}}");
}

Token ActionLexer::word(Token::Kind kind) {
  const size_t from = at_;
  if (kind != Token::Kind::Word) ++at_;
  while (is_word_char(ahead(0))) ++at_;
  if (!ends_word()) return fail("bad character '" + std::string(text_.substr(at_, 1)) + "'", from);
  if (kind == Token::Kind::Field && at_ == from + 1) kind = Token::Kind::Dot;
  return token(kind, from);
}

}  // namespace fairlead::plugins::templates
