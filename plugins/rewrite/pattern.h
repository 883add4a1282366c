// Expressions and what takes the place of what they find.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace fairlead::plugins::rewrite {

/// Shared by all threads; RE2 takes care of that.
using PatternPtr = std::shared_ptr<const re2::RE2>;

/// An expression in Go's dialect. Null when it is none.
PatternPtr compile(const std::string& text, bool ignore_case = false);

/// How many groups it has.
int groups_of(const re2::RE2& pattern);

/// A piece of what is put in place: text, a group that was found, or a label of metadata.
struct Part {
  enum class Kind : uint8_t { Text, Group, Label };
  Kind kind = Kind::Text;
  int group = 0;
  std::string text;
  friend bool operator==(const Part&, const Part&) = default;
};
using Replacement = std::vector<Part>;

/// Text in which each `{N}` stands for a group, N at most `groups`; other braces are text.
Replacement replacement_of(std::string_view text, int groups);

/// The value of a label of metadata; empty when there is none.
using LabelValue = std::function<std::string(const std::string& label)>;

/// What `text` becomes when `pattern` is found in it. Empty when it is not, or when a label has no
/// value. What groups and labels say is not read again.
std::optional<std::string> replace(const re2::RE2& pattern, const Replacement& replacement,
                                   std::string_view text, const LabelValue& label = {});

}  // namespace fairlead::plugins::rewrite
