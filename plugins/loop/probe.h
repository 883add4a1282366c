// The name of a loop probe.
#pragma once

#include <optional>

#include "dns/name.h"

namespace fairlead::plugins::loop {

// Two numbers of 64 bits that nobody can guess, in decimal, as labels below `zone`. Lower-cased
// when `zone` is. Empty when `zone` leaves no room for them. Any thread.
std::optional<dns::Name> probe_name(const dns::Name& zone);

}  // namespace fairlead::plugins::loop
