// The health directive: address of /health and the lameduck time.
#pragma once

#include <chrono>
#include <string>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
struct Site;
}  // namespace fairlead::plugins

namespace fairlead::plugins::health {

struct Options {
  std::string address = ":8080";
  std::chrono::nanoseconds lameduck{};
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError. Of several uses the last one holds, as in CoreDNS.
Options parse(corefile::Cursor& cursor);

// Once per process.
void start(Site& site);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::health
