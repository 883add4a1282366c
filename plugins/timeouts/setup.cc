#include "plugins/timeouts/setup.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "corefile/arguments.h"
#include "corefile/directives.h"
#include "corefile/duration.h"
#include "plugins/plan.h"

namespace fairlead::plugins::timeouts {
namespace {

constexpr std::string_view kOptions[] = {"read", "idle", "write", "maxtcpqueries"};
constexpr std::chrono::seconds kShortest{1};
constexpr std::chrono::hours kLongest{24};

bool is_digits(const std::string& text) {
  const size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  return text.size() > sign && std::all_of(text.begin() + static_cast<ptrdiff_t>(sign), text.end(),
                                           [](char c) { return c >= '0' && c <= '9'; });
}

// A number alone is seconds.
std::chrono::nanoseconds parse_timeout(const corefile::Cursor& cursor, std::string text) {
  if (is_digits(text)) text += "s";
  const std::chrono::nanoseconds timeout =
      corefile::duration_argument(cursor, text, "failed to parse duration '" + text + "'");
  if (timeout < kShortest || timeout > kLongest) {
    throw cursor.error("timeout provided '" + corefile::format_duration(timeout) +
                       "' needs to be between 1 second and 24 hours");
  }
  return timeout;
}

int64_t parse_queries(const corefile::Cursor& cursor, const std::string& text) {
  const int64_t queries =
      corefile::integer_argument(cursor, text, "invalid value for maxtcpqueries '" + text + "': ");
  if (queries < -1 || queries == 0) {
    throw cursor.error("maxtcpqueries provided '" + std::to_string(queries) +
                       "' needs to be -1 (unlimited) or a positive integer");
  }
  return queries;
}

// The value is looked at before the name, as in CoreDNS.
void parse_option(corefile::Cursor& cursor, ConnectionSettings& options) {
  const std::string name = cursor.value();
  const std::string value = cursor.only_arg();
  if (name == "maxtcpqueries") {
    options.max_queries = parse_queries(cursor, value);
    return;
  }
  const std::chrono::nanoseconds timeout = parse_timeout(cursor, value);
  if (name == "read") {
    options.read = timeout;
  } else if (name == "idle") {
    options.idle = timeout;
  } else if (name == "write") {
    options.write = timeout;
  } else {
    throw cursor.error("unknown option: '" + name + "'" +
                       corefile::did_you_mean(corefile::nearest_name(kOptions, name)));
  }
}

}  // namespace

ConnectionSettings parse(corefile::Cursor& cursor) {
  ConnectionSettings options;
  while (cursor.next()) {
    cursor.no_args();
    bool empty = true;
    for (; cursor.next_block(); empty = false) parse_option(cursor, options);
    if (empty) throw cursor.error("timeouts block with no timeouts specified");
  }
  return options;
}

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.listening.connections = parse(cursor);
}

}  // namespace fairlead::plugins::timeouts
