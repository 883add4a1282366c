#include "corefile/lexer.h"

#include <algorithm>
#include <cstdint>

namespace fairlead::corefile {
namespace {

// The width of the Unicode space at `at`, 0 when there is none: White_Space of the Unicode
// character database.
size_t space_width(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : uint8_t{0};
  };
  const uint8_t first = byte(0);
  if (first == ' ' || (first >= '\t' && first <= '\r')) return 1;
  if (first == 0xC2 && (byte(1) == 0x85 || byte(1) == 0xA0)) return 2;
  if (first == 0xE1 && byte(1) == 0x9A && byte(2) == 0x80) return 3;
  if (first == 0xE3 && byte(1) == 0x80 && byte(2) == 0x80) return 3;
  if (first != 0xE2) return 0;
  const bool general = byte(1) == 0x80 && ((byte(2) >= 0x80 && byte(2) <= 0x8A) ||
                                           byte(2) == 0xA8 || byte(2) == 0xA9 || byte(2) == 0xAF);
  return general || (byte(1) == 0x81 && byte(2) == 0x9F) ? 3 : 0;
}

class Lexer {
 public:
  Lexer(std::string_view text, const std::string& file) : text_(text), file_(file) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  std::vector<Token> run() {
    while (skip_to_word()) {
      Token token{
          .text = {}, .file = file_, .line = line_, .starts_line = fresh_line_, .quoted = false};
      fresh_line_ = false;
      if (text_[at_] == '"') {
        token.quoted = true;
        token.text = quoted();
      } else {
        token.text = word();
      }
      tokens_.push_back(std::move(token));
    }
    return std::move(tokens_);
  }

 private:
  // Over spaces, line ends and comments. False at the end of the text.
  bool skip_to_word() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      const size_t width = space_width(text_, at_);
      if (width == 0) return true;
      if (text_[at_] == '\n') {
        ++line_;
        fresh_line_ = true;
      }
      at_ += width;
    }
    return false;
  }

  std::string word() {
    std::string out;
    bool hidden = false;  // behind a '#'
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\r') continue;
      if (space_width(text_, at_) != 0) break;
      hidden = hidden || c == '#';
      if (!hidden) out += c;
    }
    return out;
  }

  std::string quoted() {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        break;
      }
      // A backslash and what it stands before are taken together, so that the second of two never
      // escapes a quote.
      if (text_[at_] == '\\') {
        if (++at_ == text_.size()) break;
        if (text_[at_] != '"') out += '\\';
      }
      if (text_[at_] == '\n') ++line_;
      out += text_[at_];
    }
    return out;
  }

  std::string_view text_;
  const std::string& file_;
  size_t at_ = 0;
  int line_ = 1;
  bool fresh_line_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text, const std::string& file) {
  return Lexer(text, file).run();
}

}  // namespace fairlead::corefile
