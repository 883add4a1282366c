// The names that directives have, as the parser needs them: plugins/all.cc has the list.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fairlead::corefile {

struct DirectiveName {
  std::string_view name;
  bool supported = false;
};

// In plugin order: the order of lines in a Corefile never matters between two directives.
using DirectiveNames = std::span<const DirectiveName>;

// The place in that order, or -1 for a name nobody knows.
int directive_order(DirectiveNames known, std::string_view name);
// The known name closest to a mistyped one, or empty when none is close.
std::string_view nearest_directive(DirectiveNames known, std::string_view name);

}  // namespace fairlead::corefile
