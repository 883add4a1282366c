#include "plugins/cache/setup.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "corefile/duration.h"
#include "dns/name.h"
#include "plugins/names.h"

namespace fairlead::plugins::cache {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

constexpr int64_t kMaxCapacity = 100'000'000;
constexpr const char* kVerifyTimeout = "verify timeout";

// RFC 2181 §8: a TTL is at most 2^31 - 1.
std::chrono::seconds seconds_of(const Cursor& cursor, int64_t count) {
  if (count > std::numeric_limits<int32_t>::max())
    throw cursor.error("cache TTL is too large: " + std::to_string(count));
  return std::chrono::seconds(count);
}

std::chrono::seconds max_ttl(const Cursor& cursor, int64_t count) {
  if (count <= 0)
    throw cursor.error("cache TTL can not be zero or negative: " + std::to_string(count));
  return seconds_of(cursor, count);
}

// `success|denial CAPACITY [TTL] [MINTTL]`
void parse_class(Cursor& cursor, ClassSettings& settings) {
  const Words args = cursor.remaining_args();
  if (args.empty() || args.size() > 3) throw cursor.arg_error();
  const int64_t capacity = corefile::integer_argument(cursor, args[0]);
  if (capacity < 0 || capacity > kMaxCapacity) {
    throw cursor.error("cache capacity should fall in range [0, " + std::to_string(kMaxCapacity) +
                       "]: " + args[0]);
  }
  settings.capacity = static_cast<size_t>(capacity);
  if (args.size() > 1)
    settings.max_ttl = max_ttl(cursor, corefile::integer_argument(cursor, args[1]));
  if (args.size() > 2) {
    const int64_t count = corefile::integer_argument(cursor, args[2]);
    if (count < 0)
      throw cursor.error("cache min TTL can not be negative: " + std::to_string(count));
    settings.min_ttl = seconds_of(cursor, count);
  }
}

uint32_t parse_percentage(const Cursor& cursor, std::string text) {
  if (!text.ends_with('%')) {
    const std::string last = text.empty() ? "" : text.substr(text.size() - 1);
    throw cursor.error("last character of percentage should be `%`, but is: '" + last + "'");
  }
  text.pop_back();
  const int64_t percentage = corefile::integer_argument(cursor, text);
  if (percentage < 10 || percentage > 90) {
    throw cursor.error("percentage should fall in range [10, 90]: " + std::to_string(percentage));
  }
  return static_cast<uint32_t>(percentage);
}

PrefetchSettings parse_prefetch(Cursor& cursor) {
  const Words args = cursor.remaining_args();
  if (args.empty() || args.size() > 3) throw cursor.arg_error();
  const int64_t amount = corefile::integer_argument(cursor, args[0]);
  if (amount < 0)
    throw cursor.error("prefetch amount should be positive: " + std::to_string(amount));
  PrefetchSettings prefetch;
  prefetch.amount =
      static_cast<uint32_t>(std::min<int64_t>(amount, std::numeric_limits<uint32_t>::max()));
  if (args.size() > 1) prefetch.within = corefile::duration_argument(cursor, args[1]);
  if (args.size() > 2) prefetch.percentage = parse_percentage(cursor, args[2]);
  return prefetch;
}

std::chrono::seconds whole_seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

std::chrono::seconds parse_servfail(Cursor& cursor) {
  const std::chrono::nanoseconds ttl = corefile::duration_argument(cursor, cursor.only_arg());
  if (ttl.count() < 0) throw cursor.error("invalid negative ttl for servfail");
  // RFC 2308 §7.1
  if (ttl > std::chrono::minutes(5))
    throw cursor.error("caching SERVFAIL responses over 5 minutes is not permitted");
  return whole_seconds(ttl);
}

// A time of serve_stale; errors call it `what`, or nothing in particular.
std::chrono::nanoseconds stale_time(const Cursor& cursor, const std::string& text,
                                    const std::string& what = {}) try {
  const std::chrono::nanoseconds duration = corefile::parse_duration(text);
  if (duration.count() >= 0) return duration;
  if (what.empty()) throw cursor.error("invalid negative duration for serve_stale");
  if (what == kVerifyTimeout) throw cursor.error("invalid negative timeout for serve_stale verify");
  throw cursor.error("invalid negative " + what + " for serve_stale");
} catch (const std::invalid_argument& wrong) {
  throw cursor.error((what.empty() ? "" : "invalid serve_stale " + what + ": ") + wrong.what());
}

bool verifies(const Cursor& cursor, const std::string& text) {
  const std::string mode = dns::lowered(text);
  if (mode == "immediate") return false;
  if (mode == "verify") return true;
  throw cursor.error("invalid value for serve_stale refresh mode: " + mode);
}

// `serve_stale [DURATION [immediate|verify …]]`; verify has its timeout before what both have.
void parse_stale(Cursor& cursor, StaleSettings& stale) {
  const Words args = cursor.remaining_args();
  stale.enabled = true;
  if (!args.empty()) stale.up_to = stale_time(cursor, args[0]);
  if (args.size() > 1) stale.verify = verifies(cursor, args[1]);
  size_t at = 2;
  if (stale.verify && at < args.size())
    stale.verify_timeout = stale_time(cursor, args[at++], kVerifyTimeout);
  if (at < args.size())
    stale.response_ttl = whole_seconds(stale_time(cursor, args[at++], "response TTL"));
  if (at < args.size()) stale.recheck = stale_time(cursor, args[at++], "failure recheck");
  if (at < args.size()) throw cursor.arg_error();
}

void parse_disable(Cursor& cursor, Settings& settings) {
  Words args = cursor.remaining_args();
  if (args.empty()) throw cursor.arg_error();
  const std::string type = args[0];
  args.erase(args.begin());
  auto zones = names_at(cursor, corefile::zone_arguments(cursor, args, {"."}));
  if (type == "success") {
    settings.success.disabled_zones = std::move(zones);
  } else if (type == "denial") {
    settings.denial.disabled_zones = std::move(zones);
  } else {
    throw cursor.error("cache type for disable must be \"success\" or \"denial\"");
  }
}

void parse_option(Cursor& cursor, Settings& settings) {
  const std::string name = cursor.value();
  if (name == "success") {
    parse_class(cursor, settings.success);
  } else if (name == "denial") {
    parse_class(cursor, settings.denial);
  } else if (name == "prefetch") {
    settings.prefetch = parse_prefetch(cursor);
  } else if (name == "servfail") {
    settings.servfail_ttl = parse_servfail(cursor);
  } else if (name == "serve_stale") {
    parse_stale(cursor, settings.stale);
  } else if (name == "serve_stale_policy") {
    const std::string policy = cursor.only_arg();
    if (policy != "prefer_positive") throw cursor.error("invalid serve_stale_policy: " + policy);
    settings.stale.prefer_positive = true;
  } else if (name == "disable") {
    parse_disable(cursor, settings);
  } else if (name == "keepttl") {
    cursor.no_args();
    settings.keep_ttl = true;
  } else {
    throw cursor.unknown_option({"success", "denial", "prefetch", "servfail", "serve_stale",
                                 "serve_stale_policy", "disable", "keepttl"});
  }
}

bool is_number(const std::string& text) {
  const size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  return text.size() > sign && text.find_first_not_of("0123456789", sign) == std::string::npos;
}

}  // namespace

Settings parse(Cursor& cursor, const corefile::Context& context) {
  Settings settings;
  while (cursor.next()) {
    cursor.require_once();
    Words args = cursor.remaining_args();
    if (!args.empty() && is_number(args[0])) {
      const std::chrono::seconds ttl = max_ttl(cursor, corefile::integer_argument(cursor, args[0]));
      settings.success.max_ttl = settings.denial.max_ttl = ttl;
      args.erase(args.begin());
    }
    settings.zones = names_at(cursor, corefile::zone_arguments(cursor, args, context.block_zones));
    while (cursor.next_block()) parse_option(cursor, settings);
  }
  return settings;
}

}  // namespace fairlead::plugins::cache
