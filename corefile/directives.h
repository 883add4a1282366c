// The directive names there are, and the order in which their plugins see a query.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fairlead::corefile {

struct DirectiveName {
  std::string_view name;
  bool supported;
};

// In plugin order: the order of lines in a Corefile never matters between two directives.
std::span<const DirectiveName> directive_names();
// The place in that order, or -1 for a name nobody knows.
int directive_order(std::string_view name);
// The known name closest to a mistyped one, or empty when none is close.
std::string_view nearest_directive(std::string_view name);

}  // namespace fairlead::corefile
