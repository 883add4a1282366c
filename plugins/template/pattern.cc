#include "plugins/template/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "expression/pattern.h"

namespace fairlead::plugins::templates {
namespace {

constexpr size_t kUsualGroups = 17;  // with the whole match

// Go has "(?<name>" beside "(?P<name>"; this RE2 knows the latter alone.
std::string with_named_groups(std::string_view text) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("\\Q")) {
      const size_t end = std::min(text.find("\\E", i + 2), text.size());
      out += text.substr(i, end - i);
      i = end - 1;
      continue;
    }
    if (rest[0] == '\\' && rest.size() > 1) {
      out += rest.substr(0, 2);
      ++i;
      continue;
    }
    if (rest[0] == '[' && !in_class) {
      in_class = true;
      const size_t first = rest.starts_with("[^") ? 2 : 1;  // a ']' that comes first is one of it
      const size_t size = first + (rest.substr(first).starts_with(']') ? 1 : 0);
      out += rest.substr(0, size);
      i += size - 1;
      continue;
    }
    if (rest[0] == ']') in_class = false;
    const bool named =
        !in_class && rest.starts_with("(?<") && rest.size() > 3 && rest[3] != '=' && rest[3] != '!';
    if (!named) {
      out += rest[0];
      continue;
    }
    out += "(?P<";
    i += 2;
  }
  return out;
}

}  // namespace

Pattern::Pattern(std::string text)
    : text_(std::move(text)), compiled_(expression::compile_pattern(with_named_groups(text_))) {
  if (!compiled_->ok()) throw PatternError(expression::pattern_error(*compiled_));
  for (const auto& [name, number] : compiled_->NamedCapturingGroups())
    group_names_.push_back({name, static_cast<size_t>(number)});
}

Pattern::~Pattern() = default;

bool Pattern::find(std::string_view name, std::vector<std::string_view>& matches) const {
  const auto groups = static_cast<size_t>(compiled_->NumberOfCapturingGroups()) + 1;
  std::array<re2::StringPiece, kUsualGroups> few;
  std::vector<re2::StringPiece> many;
  if (groups > few.size()) many.resize(groups);
  const std::span<re2::StringPiece> found =
      many.empty() ? std::span(few).first(groups) : std::span(many);
  const re2::StringPiece text(name.data(), name.size());
  if (!compiled_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, found.data(),
                        static_cast<int>(groups)))
    return false;
  matches.clear();
  for (const re2::StringPiece& one : found) matches.emplace_back(one.data(), one.size());
  return true;
}

}  // namespace fairlead::plugins::templates
