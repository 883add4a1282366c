#include "plugins/auto/origin.h"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "expression/pattern.h"

namespace fairlead::plugins::auto_ {
namespace {

bool is_of_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// What a group has matched; empty for one that there is not.
std::string_view group(const re2::RE2& expression, const std::vector<re2::StringPiece>& groups,
                       std::string_view name) {
  size_t number = groups.size();
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) {
    const auto& named = expression.NamedCapturingGroups();
    const auto at = named.find(std::string(name));
    number = at == named.end() ? groups.size() : static_cast<size_t>(at->second);
  }
  if (number >= groups.size()) return {};
  return {groups[number].data(), groups[number].size()};
}

// Takes a reference to a group off `text`, which begins with a dollar sign or a brace: its name.
// Empty, and nothing taken, when it is none.
std::string_view take_reference(std::string_view& text) {
  const std::string_view behind = text.substr(text.starts_with('$') ? 1 : 0);
  if (behind.starts_with('{')) {
    const size_t end = behind.find('}');
    if (end == std::string_view::npos) return {};
    text = behind.substr(end + 1);
    return behind.substr(1, end - 1);
  }
  const auto word_end = std::ranges::find_if_not(behind, is_of_word);
  const auto size = static_cast<size_t>(word_end - behind.begin());
  if (size > 0) text = behind.substr(size);
  return behind.substr(0, size);
}

}  // namespace

OriginPattern::OriginPattern() : OriginPattern("db\\.(.*)", "{1}") {}

OriginPattern::OriginPattern(const std::string& pattern, std::string text)
    : text_(std::move(text)) {
  if (pattern.size() > kMaxExpression) throw std::invalid_argument("regexp too large");
  std::shared_ptr<const re2::RE2> compiled = expression::compile_pattern(pattern);
  if (!compiled->ok()) throw std::invalid_argument(expression::pattern_error(*compiled));
  if (compiled->NumberOfCapturingGroups() == 0)
    throw std::invalid_argument("Need at least one sub expression");
  expression_ = std::move(compiled);
}

std::optional<dns::Name> OriginPattern::origin_of(const std::string& file_name) const {
  const int count = expression_->NumberOfCapturingGroups() + 1;
  std::vector<re2::StringPiece> groups(static_cast<size_t>(count));
  if (!expression_->Match(file_name, 0, file_name.size(), re2::RE2::UNANCHORED, groups.data(),
                          count))
    return std::nullopt;
  std::string made;
  for (std::string_view left = text_; !left.empty();) {
    if (left.starts_with("$$")) {
      made += '$';
      left.remove_prefix(2);
      continue;
    }
    const bool refers = left[0] == '$' || left[0] == '{';
    const std::string_view name = refers ? take_reference(left) : std::string_view();
    if (name.empty()) {
      made += left[0];
      left.remove_prefix(1);
    } else {
      made += group(*expression_, groups, name);
    }
  }
  if (made.empty()) return std::nullopt;
  const auto origin = dns::Name::from_text(made);
  if (!origin) return std::nullopt;
  return origin->lowered();
}

bool operator==(const OriginPattern& a, const OriginPattern& b) {
  return a.expression_->pattern() == b.expression_->pattern() && a.text_ == b.text_;
}

}  // namespace fairlead::plugins::auto_
