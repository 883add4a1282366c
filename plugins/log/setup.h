// The log directive: which queries are logged, and how a line is made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "plugins/message_text.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::log {

// Bits of Rule::classes.
inline constexpr uint8_t kSuccess = 1;
inline constexpr uint8_t kDenial = 2;
inline constexpr uint8_t kError = 4;
inline constexpr uint8_t kAll = 7;

struct Rule {
  std::string zone;  // lower-case with its final dot
  std::vector<Piece> format;
  uint8_t classes = kAll;
  friend bool operator==(const Rule&, const Rule&) = default;
};

struct Options {
  std::vector<Rule> rules;  // the first rule whose zone holds the name decides
  friend bool operator==(const Options&, const Options&) = default;
};

// Both with the placeholders of the format: what CoreDNS calls common and combined.
extern const std::string_view kCommonFormat;
extern const std::string_view kCombinedFormat;

// Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::log
