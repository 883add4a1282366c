#include "plugins/https/setup.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "corefile/arguments.h"
#include "plugins/plan.h"

namespace fairlead::plugins::https {
namespace {

constexpr int64_t kMostStreams = std::numeric_limits<uint32_t>::max();

int64_t parse_count(corefile::Cursor& cursor) {
  const std::string name = cursor.value();
  const std::string text = cursor.only_arg();
  const int64_t count =
      corefile::integer_argument(cursor, text, "invalid " + name + " value '" + text + "': ");
  if (count < 0)
    throw cursor.error(name + " must be a non-negative integer: " + std::to_string(count));
  return count;
}

corefile::ConfigError said_before(const corefile::Cursor& cursor, const std::string& name) {
  return cursor.error(name + " already defined for this server block");
}

void parse_option(corefile::Cursor& cursor, HttpsSettings& settings) {
  const std::string name = cursor.value();
  if (name == "max_connections") {
    const int64_t count = parse_count(cursor);
    if (settings.max_connections) throw said_before(cursor, name);
    settings.max_connections = static_cast<size_t>(count);
  } else if (name == "max_streams") {
    const int64_t count = parse_count(cursor);
    if (count > kMostStreams) {
      throw cursor.error("max_streams must not exceed " + std::to_string(kMostStreams) + ": " +
                         std::to_string(count));
    }
    if (settings.max_streams) throw said_before(cursor, name);
    settings.max_streams = static_cast<uint32_t>(count);
  } else {
    throw cursor.unknown_property({"max_connections", "max_streams"});
  }
}

}  // namespace

HttpsSettings parse(corefile::Cursor& cursor) {
  HttpsSettings settings;
  while (cursor.next()) {
    cursor.no_args();
    while (cursor.next_block()) parse_option(cursor, settings);
  }
  return settings;
}

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.listening.https = parse(cursor);
}

}  // namespace fairlead::plugins::https
