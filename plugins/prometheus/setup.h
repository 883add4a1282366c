// The prometheus directive: address of /metrics.
#pragma once

#include <string>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::prometheus {

struct Options {
  std::string address = "localhost:9153";
  bool runtime_metrics = false;
  std::string tls;  // the file of a web configuration; empty: none
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError, also on a second use in one block.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::prometheus
