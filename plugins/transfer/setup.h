// The transfer directive: who may have whole zones, and who is told that they have changed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/address.h"
#include "dns/name.h"
#include "net/endpoint.h"
#include "net/subnet.h"
#include "plugins/signed_with.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::transfer {

/// One line's block.
struct Rule {
  std::vector<dns::Name> zones;
  bool everyone = false;  // `*`
  // Who may have the zones; an address is a network of one. Those in `told` with a scope may, too.
  std::vector<net::Subnet> clients;
  std::vector<net::ServerEndpoint> told;  // who is told of changes: the addresses, not the networks
  std::optional<dns::IpAddress> from;     // of what tells them
  std::optional<SignedWith> signed_with;  // what tells them, and what they say to it
  friend bool operator==(const Rule&, const Rule&) = default;
};
using Rules = std::vector<Rule>;

/// One for each use in the block, in file order. `keys` are those of the block's tsig. Throws
/// corefile::ConfigError.
Rules parse(corefile::Cursor& cursor, const corefile::Context& context,
            std::span<const signing::TsigKey> keys = {});

/// The rule whose zone above or at `name` (lower case) is the longest, the first of several; null
/// for none.
const Rule* rule_for(const Rules& rules, dns::NameView name);

/// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::transfer
