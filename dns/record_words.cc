#include "dns/record_words.h"

#include <algorithm>
#include <array>

namespace fairlead::dns {
namespace {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

constexpr std::array<bool, 256> kEndsWord = [] {
  std::array<bool, 256> ends{};
  for (const uint8_t c : {' ', '\t', '\r', '\n', ';', '"', '(', ')'}) ends[c] = true;
  return ends;
}();

constexpr bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

// Fit for a log.
std::string shown(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  constexpr size_t kMost = 300;
  std::string out = "\"";
  for (const char c : text.substr(0, kMost)) {
    const auto octet = static_cast<uint8_t>(c);
    if (c == '\n') {
      out += "\\n";
    } else if (octet < ' ' || octet > '~') {
      out += "\\x";
      out += kDigits[octet >> 4];
      out += kDigits[octet & 15];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + (text.size() > kMost ? "…\"" : "\"");
}

}  // namespace

void RecordWords::take() {
  if (text_[at_++] == '\n') {
    ++line_;
    column_ = 0;
  } else {
    ++column_;
  }
}

// One parenthesis; false when none is open that it could close.
bool RecordWords::take_parenthesis() {
  if (text_[at_] == ')' && open_ == 0) return false;
  const bool opens = text_[at_] == '(';
  take();
  if (opens && open_ == 0) opened_ = here();
  open_ += opens ? 1 : -1;
  return true;
}

// To the next word of the record; false when its line ends here.
bool RecordWords::skip_blanks() {
  while (!at_end()) {
    const char c = text_[at_];
    if (c == ';') {
      while (!at_end() && text_[at_] != '\n') take();
      continue;
    }
    if (c == '\n' && begun_ && open_ == 0) return false;
    if (c == '(' || c == ')') {
      extra_ = !take_parenthesis();
      if (extra_) return true;
      continue;
    }
    if (c != '\n' && !is_blank(c)) return true;
    take();
  }
  return false;
}

RecordWord RecordWords::broken(std::string_view why, Place at) {
  return {RecordWord::Kind::Broken, false, why, at.line, at.column};
}

RecordWord RecordWords::next() {
  const size_t before = at_;
  const bool more = skip_blanks();
  if (extra_) return broken("extra closing brace", here());
  if (!more) {
    if (open_ != 0) return broken("unbalanced brace", opened_);
    return {RecordWord::Kind::End, false, "\n", line_, column_};
  }
  RecordWord word;
  word.glued = begun_ && at_ == before;
  begun_ = true;
  return text_[at_] == '"' ? quoted(word) : plain(word);
}

RecordWord RecordWords::finished(RecordWord word, RecordWord::Kind kind, size_t from,
                                 size_t size) const {
  word.kind = kind;
  word.text = text_.substr(from, size);
  word.line = line_;
  const bool followed = !at_end() && text_[at_] != '\n';
  word.column = column_ + (followed ? 1 : 0);
  return word;
}

RecordWord RecordWords::quoted(RecordWord word) {
  take();
  const Place opened = here();
  const size_t from = at_;
  while (!at_end() && text_[at_] != '"') {
    if (text_[at_] == '\\') take();
    if (!at_end()) take();
  }
  if (at_end()) return broken("quote is not closed", opened);
  const size_t size = at_ - from;
  take();
  return finished(word, RecordWord::Kind::Quoted, from, size);
}

RecordWord RecordWords::plain(RecordWord word) {
  const size_t from = at_;
  size_t end = from;
  while (end < text_.size() && !kEndsWord[static_cast<uint8_t>(text_[end])]) {
    const bool escapes = text_[end] == '\\' && end + 1 < text_.size() && text_[end + 1] != '\n';
    end += escapes ? 2 : 1;
  }
  column_ += static_cast<uint32_t>(end - from);  // no line ends within
  at_ = end;
  return finished(word, RecordWord::Kind::Plain, from, at_ - from);
}

bool RecordWords::next_record() {
  begun_ = false;
  RecordWords ahead(*this);
  return ahead.skip_blanks() || ahead.open_ != 0;
}

std::string_view RecordWords::rest_of_line() {
  const std::string_view rest = text_.substr(at_, text_.find('\n', at_) - at_);
  at_ += rest.size();
  column_ += static_cast<uint32_t>(rest.size());
  return rest;
}

bool RecordWords::begins_blank() const {
  RecordWords ahead(*this);
  if (begun_ || !ahead.skip_blanks()) return false;
  return ahead.at_ > 0 && is_blank(text_[ahead.at_ - 1]);
}

bool append_unescaped(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return false;
    const bool number = i + 2 < text.size() && is_decimal(text[i]) && is_decimal(text[i + 1]) &&
                        is_decimal(text[i + 2]);
    if (!number) {
      out += text[i];
      continue;
    }
    const int value = (text[i] - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
    if (value > 255) return false;
    out += static_cast<char>(value);
    i += 2;
  }
  return true;
}

std::string problem_with(const RecordWord& word, std::string_view what) {
  const bool broken = word.kind == RecordWord::Kind::Broken;
  return "dns: " + std::string(broken ? word.text : what) + ": " + shown(word.text) +
         " at line: " + std::to_string(word.line) + ":" + std::to_string(word.column);
}

}  // namespace fairlead::dns
