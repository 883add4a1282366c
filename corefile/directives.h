// The names that directives have, as the parser needs them: plugins/all.cc has the list.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fairlead::corefile {

struct DirectiveName {
  std::string_view name;
  bool supported = false;
  std::string_view instead{};  // of one that will not be: why, and what to do; one that is missing
                               // today has none
};

// A directive of somebody else's plugin, which CoreDNS itself does not have either.
struct ForeignName {
  std::string_view name;
  std::string_view instead;
};

// In plugin order: the order of lines in a Corefile never matters between two directives.
using DirectiveNames = std::span<const DirectiveName>;

// The place in that order, or -1 for a name nobody knows.
int directive_order(DirectiveNames known, std::string_view name);
// The known name closest to a mistyped one, or empty when none is close.
std::string_view nearest_directive(DirectiveNames known, std::string_view name);
// The same among any names, with at most `most` letters wrong. One of more than 64 octets is near
// to none.
std::string_view nearest_name(std::span<const std::string_view> known, std::string_view name,
                              int most = 2);
// " (did you mean 'NEAREST'?)"; empty for an empty one.
std::string did_you_mean(std::string_view nearest);

}  // namespace fairlead::corefile
