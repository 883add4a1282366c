#include "k8s-watch/label_selector.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fairlead::k8s_watch {

/// Takes words and signs off the front of a selector's text.
class LabelSelector::Reader {
 public:
  explicit Reader(std::string_view text) : all_(text), rest_(text) { skip_space(); }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(std::string_view sign) {
    if (!rest_.starts_with(sign)) return false;
    rest_.remove_prefix(sign.size());
    skip_space();
    return true;
  }

  /// A key or value: the characters that labels are made of. May be empty.
  std::string word() {
    const size_t size =
        static_cast<size_t>(std::ranges::find_if_not(rest_, is_word) - rest_.begin());
    std::string result(rest_.substr(0, size));
    rest_.remove_prefix(size);
    skip_space();
    return result;
  }

  Requirement requirement();

  [[noreturn]] void fail(const char* why) const {
    throw std::runtime_error("label selector \"" + std::string(all_) + "\": " + why);
  }

 private:
  static bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.' || c == '/';
  }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

  std::vector<std::string> set();

  std::string_view all_;
  std::string_view rest_;
};

std::vector<std::string> LabelSelector::Reader::set() {
  if (!take("(")) fail("a list in parentheses was expected");
  std::vector<std::string> values{word()};
  while (take(",")) values.push_back(word());
  if (!take(")")) fail("a parenthesis is not closed");
  return values;
}

LabelSelector::Requirement LabelSelector::Reader::requirement() {
  Requirement result;
  const bool absent = take("!");
  result.key = word();
  if (result.key.empty()) fail("a label was expected");
  if (absent || at_end() || rest_.starts_with(',')) {
    result.wanted = !absent;
    result.any_value = true;
  } else if (take("!=")) {
    result.wanted = false;
    result.values = {word()};
  } else if (take("==") || take("=")) {
    result.values = {word()};
  } else {
    const std::string operation = word();
    if (operation != "in" && operation != "notin") fail("unknown operator");
    result.wanted = operation == "in";
    result.values = set();
  }
  return result;
}

LabelSelector LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  Reader reader(text);
  if (reader.at_end()) return selector;
  do {
    selector.requirements_.push_back(reader.requirement());
  } while (reader.take(","));
  if (!reader.at_end()) reader.fail("a comma was expected");
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
