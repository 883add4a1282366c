#include "plugins/rewrite/pattern.h"

#include <re2/re2.h>

#include <charconv>
#include <span>
#include <utility>

#include "dns/name.h"
#include "expression/pattern.h"

namespace fairlead::plugins::rewrite {
namespace {

// The number in `{N}` at the front of `text`, written as Go writes it.
std::optional<int> group_at(std::string_view text) {
  const size_t end = text.find('}');
  if (end == std::string_view::npos || end < 2) return std::nullopt;
  const std::string_view digits = text.substr(1, end - 1);
  int group = 0;
  const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), group);
  const bool whole = error == std::errc() && last == digits.data() + digits.size();
  if (!whole || group < 0 || std::to_string(group) != digits) return std::nullopt;
  return group;
}

bool append(const Part& part, std::span<const re2::StringPiece> groups, const LabelValue& label,
            std::string& out) {
  switch (part.kind) {
    case Part::Kind::Text:
      out += part.text;
      return true;
    case Part::Kind::Group: {
      const re2::StringPiece found = groups[static_cast<size_t>(part.group)];
      out.append(found.data() == nullptr ? "" : found.data(), found.size());
      return true;
    }
    case Part::Kind::Label:
      break;
  }
  const std::string value = label ? label(part.text) : std::string();
  out += dns::lowered(value);
  return !value.empty();
}

}  // namespace

PatternPtr compile(const std::string& text, bool ignore_case) {
  PatternPtr pattern = expression::compile_pattern(text, ignore_case);
  return pattern->ok() ? pattern : nullptr;
}

int groups_of(const re2::RE2& pattern) {
  return pattern.NumberOfCapturingGroups();
}

Replacement replacement_of(std::string_view text, int groups) {
  Replacement parts;
  std::string plain;
  const auto end_plain = [&] {
    if (!plain.empty()) parts.push_back({Part::Kind::Text, 0, std::exchange(plain, {})});
  };
  for (size_t i = 0; i < text.size();) {
    const auto group = text[i] == '{' ? group_at(text.substr(i)) : std::nullopt;
    if (!group || *group > groups) {
      plain += text[i++];
      continue;
    }
    end_plain();
    parts.push_back({Part::Kind::Group, *group, {}});
    i = text.find('}', i) + 1;
  }
  end_plain();
  return parts;
}

std::optional<std::string> replace(const re2::RE2& pattern, const Replacement& replacement,
                                   std::string_view text, const LabelValue& label) {
  std::vector<re2::StringPiece> groups(static_cast<size_t>(groups_of(pattern)) + 1);
  if (!pattern.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED,
                     groups.data(), static_cast<int>(groups.size())))
    return std::nullopt;
  std::string out;
  for (const Part& part : replacement) {
    if (!append(part, groups, label, out)) return std::nullopt;
  }
  return out;
}

}  // namespace fairlead::plugins::rewrite
