#include "plugins/kubernetes/selector.h"

#include <algorithm>
#include <vector>

namespace fairlead::plugins::kubernetes {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// What label values and the name part of keys are made of.
bool is_qualified(std::string_view text) {
  if (text.empty() || text.size() > 63 || !is_alphanumeric(text.front()) ||
      !is_alphanumeric(text.back()))
    return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_subdomain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  char before = '.';
  for (const char c : text) {
    const bool fits = (is_alphanumeric(c) && !(c >= 'A' && c <= 'Z')) || c == '-' || c == '.';
    if (!fits || (before == '.' && (c == '.' || c == '-')) || (before == '-' && c == '.'))
      return false;
    before = c;
  }
  return before != '.' && before != '-';
}

bool is_key(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_qualified(text);
  return is_subdomain(text.substr(0, slash)) && is_qualified(text.substr(slash + 1));
}

bool is_value(std::string_view text) {
  return text.empty() || is_qualified(text);
}

// Words, and the marks ( ) , ! = == != < >.
std::vector<std::string> split(std::string_view text) {
  constexpr std::string_view kMarks = "(),!=<>";
  std::vector<std::string> words;
  bool in_word = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    const bool mark = kMarks.find(c) != std::string_view::npos;
    if (mark) {
      const bool two = (c == '=' || c == '!') && i + 1 < text.size() && text[i + 1] == '=';
      words.emplace_back(text.substr(i, two ? 2 : 1));
      if (two) ++i;
    } else if (!space) {
      if (!in_word) words.emplace_back();
      words.back() += c;
    }
    in_word = !space && !mark;
  }
  return words;
}

class Selector {
 public:
  explicit Selector(std::string_view text) : words_(split(text)) {}

  std::string check() {
    if (words_.empty()) return {};
    do {
      std::string wrong = requirement();
      if (!wrong.empty()) return wrong;
    } while (take(","));
    return at_ == words_.size() ? std::string() : found("',' or the end");
  }

 private:
  [[nodiscard]] std::string_view word() const {
    return at_ < words_.size() ? std::string_view(words_[at_]) : "";
  }

  bool take(std::string_view mark) {
    if (word() != mark) return false;
    ++at_;
    return true;
  }

  [[nodiscard]] std::string found(const char* expected) const {
    return "found '" + std::string(word()) + "', expected: " + expected;
  }

  std::string requirement() {
    const bool negated = take("!");
    if (!is_key(word())) return found("a label key");
    ++at_;
    if (negated || at_ == words_.size() || word() == ",") return {};
    if (take("=") || take("==") || take("!=")) return value();
    if (take("in") || take("notin")) return value_set();
    return found("in, notin, =, ==, != or ','");
  }

  std::string value() {
    if (at_ == words_.size() || word() == ",") return {};
    if (!is_value(word())) return found("a label value");
    ++at_;
    return {};
  }

  std::string value_set() {
    if (!take("(")) return found("'('");
    while (true) {
      if (word() != "," && word() != ")") {
        if (at_ == words_.size() || !is_value(word())) return found("a label value");
        ++at_;
      }
      if (take(")")) return {};
      if (!take(",")) return found("',' or ')'");
    }
  }

  std::vector<std::string> words_;
  size_t at_ = 0;
};

}  // namespace

std::string check_selector(std::string_view text) {
  return Selector(text).check();
}

}  // namespace fairlead::plugins::kubernetes
