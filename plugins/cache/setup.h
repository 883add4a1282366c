// The cache directive: what is kept, how much and how long.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::cache {

struct Store {
  int64_t capacity = 9984;  // entries
  std::chrono::seconds max_ttl{};
  std::chrono::seconds min_ttl{5};
  std::vector<std::string> disabled_zones;  // names below these are not stored; "." is all
  friend bool operator==(const Store&, const Store&) = default;
};

enum class Refresh { Immediate, Verify };

struct Stale {
  bool enabled = false;
  std::chrono::nanoseconds up_to = std::chrono::hours(1);  // after expiry
  Refresh refresh = Refresh::Immediate;
  std::chrono::nanoseconds verify_timeout{};  // zero: as long as the upstream takes
  std::chrono::nanoseconds response_ttl{};    // TTL of a stale answer
  std::chrono::nanoseconds recheck{};         // an upstream that failed is left alone for this long
  bool prefer_positive = false;
  friend bool operator==(const Stale&, const Stale&) = default;
};

struct Prefetch {
  int64_t amount = 0;  // hits without a gap of `within` that make a name worth it; 0: never
  std::chrono::nanoseconds within = std::chrono::minutes(1);
  int percentage = 10;  // of the TTL that is left
  friend bool operator==(const Prefetch&, const Prefetch&) = default;
};

struct Options {
  std::vector<std::string> zones;
  Store success{9984, std::chrono::seconds(3600), std::chrono::seconds(5), {}};
  Store denial{9984, std::chrono::seconds(1800), std::chrono::seconds(5), {}};
  Prefetch prefetch;
  std::chrono::nanoseconds servfail_ttl = std::chrono::seconds(5);
  Stale stale;
  bool keep_ttl = false;
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError, also on a second use in one block.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::cache
