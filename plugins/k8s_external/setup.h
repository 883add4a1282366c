// The k8s_external directive: names by which services are reached from outside of the cluster.
#pragma once

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "zones/outside_zone.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::k8s_external {

// Of several uses in a block the last one's zones hold, and of each option what was said last.
// Throws corefile::ConfigError.
zones::OutsideZone parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError, also when the block has
// no `kubernetes`.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::k8s_external
