#include "k8s-watch/label_selector.h"

#include <algorithm>
#include <stdexcept>

namespace fairlead::k8s_watch {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// What label values and the name part of keys are made of.
bool is_qualified(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::ranges::all_of(text, [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
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

}  // namespace

/// Takes words and marks off the front of a selector's text.
class LabelSelector::Reader {
 public:
  explicit Reader(std::string_view text) : words_(split(text)) {}

  std::vector<Requirement> requirements() {
    std::vector<Requirement> all;
    if (words_.empty()) return all;
    do {
      all.push_back(requirement());
    } while (take(","));
    if (!at_end()) fail("',' or the end");
    return all;
  }

 private:
  [[nodiscard]] bool at_end() const { return at_ == words_.size(); }
  [[nodiscard]] std::string_view word() const {
    return at_end() ? std::string_view() : std::string_view(words_[at_]);
  }

  bool take(std::string_view mark) {
    if (at_end() || word() != mark) return false;
    ++at_;
    return true;
  }

  [[noreturn]] void fail(const char* expected) const {
    throw std::runtime_error("found '" + std::string(word()) + "', expected: " + expected);
  }

  Requirement requirement() {
    Requirement result{.wanted = !take("!")};
    if (!is_key(word())) fail("a label key");
    result.key = words_[at_++];
    if (!result.wanted || at_end() || word() == ",") {
      result.any_value = true;
    } else if (const bool differs = take("!="); differs || take("=") || take("==")) {
      result.wanted = !differs;
      result.values = {value(at_end() || word() == ",")};
    } else if (word() == "in" || word() == "notin") {
      result.wanted = words_[at_++] == "in";
      result.values = value_set();
    } else {
      fail("in, notin, =, ==, != or ','");
    }
    return result;
  }

  std::string value(bool absent) {
    if (absent) return {};
    if (!is_qualified(word())) fail("a label value");
    return words_[at_++];
  }

  std::vector<std::string> value_set() {
    if (!take("(")) fail("'('");
    std::vector<std::string> values;
    do {
      values.push_back(value(word() == "," || word() == ")"));
    } while (take(","));
    if (!take(")")) fail("',' or ')'");
    return values;
  }

  const std::vector<std::string> words_;
  size_t at_ = 0;
};

LabelSelector LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  selector.requirements_ = Reader(text).requirements();
  return selector;
}

bool LabelSelector::matches(const Lookup& label) const {
  return std::ranges::all_of(requirements_, [&](const Requirement& requirement) {
    const auto value = label(requirement.key);
    const bool found =
        value && (requirement.any_value ||
                  std::ranges::find(requirement.values, *value) != requirement.values.end());
    return found == requirement.wanted;
  });
}

}  // namespace fairlead::k8s_watch
