// Which zone a file holds, by its name.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dns/name.h"

namespace re2 {
class RE2;
}

namespace fairlead::plugins::auto_ {

/// An expression over a file's base name, and the text that its groups are put into. Copied freely.
class OriginPattern {
 public:
  static constexpr size_t kMaxExpression = 10'000;

  /// `db\.(.*)` and `{1}`.
  OriginPattern();
  /// Throws std::invalid_argument with what is wrong with the pattern, in Go's words. In `text`
  /// stand {N}, {NAME}, ${N}, ${NAME}, $N or $NAME for groups, $$ for a dollar sign.
  OriginPattern(const std::string& pattern, std::string text);

  /// The origin in lower case; empty when the expression matches no part of the name, or what
  /// comes out is no domain name.
  [[nodiscard]] std::optional<dns::Name> origin_of(const std::string& file_name) const;

  friend bool operator==(const OriginPattern& a, const OriginPattern& b);

 private:
  std::shared_ptr<const re2::RE2> expression_;
  std::string text_;
};

}  // namespace fairlead::plugins::auto_
