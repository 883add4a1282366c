// Directives of other people's plugins for CoreDNS: what to do without each.
#pragma once

#include <span>

#include "corefile/directives.h"

namespace fairlead::plugins {

/// For the parser of Corefiles. Not in any order that means something.
std::span<const corefile::ForeignName> foreign_names();

}  // namespace fairlead::plugins
