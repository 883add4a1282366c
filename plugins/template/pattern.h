// A regular expression over names, in Go's dialect.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/template/value.h"

namespace re2 {
class RE2;
}

namespace fairlead::plugins::templates {

/// Not one: "error parsing regexp: missing closing ): `(`".
class PatternError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Constant: any thread.
class Pattern {
 public:
  static constexpr size_t kMaxText = 10'000;  // octets

  /// At most kMaxText. Throws PatternError.
  explicit Pattern(std::string text);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  /// Looks for the expression anywhere in `name`, in time linear in it. When it is there,
  /// `matches` is the whole match and each group, as views into `name`; groups that took no part
  /// are empty.
  bool find(std::string_view name, std::vector<std::string_view>& matches) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<GroupName>& group_names() const { return group_names_; }

 private:
  const std::string text_;
  const std::unique_ptr<const re2::RE2> compiled_;
  std::vector<GroupName> group_names_;
};

}  // namespace fairlead::plugins::templates
