// The loadbalance directive: shuffled answers, addresses of preferred subnets first, or one drawn
// by weight.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::loadbalance {

// Where the weights of addresses are.
struct WeightFile {
  std::string path;
  std::chrono::nanoseconds reload = std::chrono::seconds(30);  // how often it is looked at; 0: once
  friend bool operator==(const WeightFile&, const WeightFile&) = default;
};

struct Options {
  std::vector<corefile::Subnet> prefer;  // best first; empty with `weighted`
  std::optional<WeightFile> weighted;    // none: round_robin
  friend bool operator==(const Options&, const Options&) = default;
};

// Of several uses the last one's policy holds. Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::loadbalance
