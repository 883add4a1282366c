// The acl directive: which clients may ask what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/types.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::acl {

enum class Action : uint8_t { Allow, Block, Filter, Drop };

/// A line in braces: what is done with questions of these types from these clients.
struct Line {
  Action action = Action::Allow;
  bool all_types = true;
  std::vector<dns::RrType> types;  // unless all_types
  bool all_clients = true;
  std::vector<corefile::Subnet> networks;  // unless all_clients
  friend bool operator==(const Line&, const Line&) = default;
};

/// One use of the directive.
struct RuleOptions {
  std::vector<std::string> zones;
  std::vector<Line> lines;
  friend bool operator==(const RuleOptions&, const RuleOptions&) = default;
};

struct Options {
  std::vector<RuleOptions> rules;
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::acl
