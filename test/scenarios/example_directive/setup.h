// A small directive that no server has: what it takes to add one is this folder and one line in a
// list.
//
//   example NAME ADDRESS {
//       wait DURATION      before the answer (0)
//       alias NAME         has the CNAME NAME of the line above
//       messages COUNT     of the reply to AXFR, each with a number (0: as any other type)
//   }
#pragma once

#include <chrono>
#include <optional>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/address.h"
#include "dns/name.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::example {

struct Options {
  dns::Name name;
  dns::IpAddress address;
  std::chrono::nanoseconds wait{};
  std::optional<dns::Name> alias;
  int64_t messages = 0;
  friend bool operator==(const Options&, const Options&) = default;
};

/// Throws corefile::ConfigError, also on a second use in one block.
Options parse(corefile::Cursor& cursor);

/// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::example
