#include "plugins/forward/setup.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>

#include "corefile/duration.h"
#include "corefile/key.h"
#include "plugins/client_tls.h"
#include "plugins/forward/upstream.h"

namespace fairlead::plugins::forward {
namespace {

using corefile::Context;
using corefile::Cursor;
using Words = std::vector<std::string>;

Words some_args(Cursor& cursor) {
  Words args = cursor.remaining_args();
  if (args.empty()) throw cursor.missing_arg();
  return args;
}

std::chrono::nanoseconds duration_option(Cursor& cursor) {
  const std::string option = cursor.value();
  const std::chrono::nanoseconds duration = corefile::duration_argument(cursor, cursor.first_arg());
  if (duration.count() < 0) {
    throw cursor.error(option + " can't be negative: " + corefile::format_duration(duration));
  }
  return duration;
}

size_t count_option(Cursor& cursor) {
  const std::string option = cursor.value();
  const int64_t count = corefile::integer_argument(cursor, cursor.first_arg());
  if (count < 0) throw cursor.error(option + " can't be negative: " + std::to_string(count));
  return static_cast<size_t>(count);
}

uint32_t unsigned_option(Cursor& cursor) {
  const std::string text = cursor.first_arg();
  uint32_t count = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (ec == std::errc() && end == text.data() + text.size()) return count;
  const char* const why =
      ec == std::errc::result_out_of_range ? "value out of range" : "invalid syntax";
  throw cursor.error("strconv.ParseUint: parsing \"" + text + "\": " + why);
}

std::chrono::nanoseconds parse_read_timeout(Cursor& cursor) {
  const std::chrono::nanoseconds timeout = corefile::duration_argument(cursor, cursor.first_arg());
  if (timeout.count() <= 0)
    throw cursor.error("read_timeout must be positive: " + corefile::format_duration(timeout));
  return timeout;
}

HealthCheck parse_health_check(Cursor& cursor) {
  if (!cursor.next_arg()) throw cursor.missing_arg();
  HealthCheck check;
  check.interval = corefile::duration_argument(cursor, cursor.value());
  if (check.interval.count() < 0) {
    throw cursor.error("health_check can't be negative: " +
                       corefile::format_duration(check.interval));
  }
  while (cursor.next_arg()) {
    if (cursor.value() == "no_rec") {
      check.recursion_desired = false;
    } else if (cursor.value() == "domain") {
      if (!cursor.next_arg()) throw cursor.arg_error();
      if (!corefile::is_domain_name(cursor.value())) {
        throw cursor.error("health_check: invalid domain name " + cursor.value());
      }
      check.domain = corefile::fully_qualified(cursor.value());
    } else {
      throw cursor.error("health_check: unknown option " + cursor.value());
    }
  }
  return check;
}

Policy parse_policy(Cursor& cursor) {
  const std::string policy = cursor.first_arg();
  if (policy == "random") return Policy::Random;
  if (policy == "round_robin") return Policy::RoundRobin;
  if (policy == "sequential") return Policy::Sequential;
  if (policy == "fastest") return Policy::Fastest;
  throw cursor.error("unknown policy '" + policy + "'",
                     {"random", "round_robin", "sequential", "fastest"});
}

std::vector<uint16_t> parse_rcodes(Cursor& cursor) {
  std::vector<uint16_t> rcodes;
  for (const std::string& word : some_args(cursor)) rcodes.push_back(rcode_at(cursor, word));
  return rcodes;
}

std::vector<uint16_t> parse_failover(Cursor& cursor) {
  std::vector<uint16_t> rcodes = parse_rcodes(cursor);
  for (const uint16_t code : rcodes) {
    if (code == 0) throw cursor.error("NoError cannot be used in failover");
  }
  return rcodes;
}

bool parse_doh_get(Cursor& cursor) {
  const std::string method = cursor.first_arg();
  if (method != "POST" && method != "GET")
    throw cursor.error("doh_method must be either POST or GET");
  return method == "GET";
}

dns::IpAddress parse_source_address(Cursor& cursor) {
  const std::string text = cursor.first_arg();
  const auto address = dns::IpAddress::from_text(text);
  if (!address) throw cursor.error("invalid IP address: " + text);
  return *address;
}

std::vector<net::Endpoint> parse_resolvers(Cursor& cursor) {
  std::vector<net::Endpoint> resolvers;
  for (const std::string& word : some_args(cursor)) {
    const auto resolver = parse_resolver(word);
    if (!resolver)
      throw cursor.error("resolver must be an IP address or IP:port: \"" + word + "\"");
    resolvers.push_back(*resolver);
  }
  return resolvers;
}

// How connections are made and kept. False for any other option.
bool parse_connection_option(Cursor& cursor, const Context& context, Options& options) {
  const std::string name = cursor.value();
  fairlead::forward::Settings& settings = options.settings;
  if (name == "force_tcp" || name == "prefer_udp") {
    cursor.no_args();
    (name == "force_tcp" ? settings.force_tcp : settings.prefer_udp) = true;
  } else if (name == "expire") {
    settings.expire = duration_option(cursor);
  } else if (name == "max_age") {
    settings.max_age = duration_option(cursor);
  } else if (name == "max_idle_conns") {
    settings.max_idle_connections = count_option(cursor);
  } else if (name == "read_timeout") {
    settings.read_timeout = parse_read_timeout(cursor);
  } else if (name == "tls") {
    settings.tls = tls_option(cursor, context);
  } else if (name == "tls_servername") {
    options.tls_server_name = cursor.first_arg();
  } else if (name == "doh_method") {
    settings.doh_get = parse_doh_get(cursor);
  } else if (name == "source_address") {
    settings.source_address = parse_source_address(cursor);
  } else if (name == "resolver") {
    options.resolvers = parse_resolvers(cursor);
  } else {
    return false;
  }
  return true;
}

// Which upstream is asked, and what happens when it fails. False for any other option.
bool parse_choice_option(Cursor& cursor, Options& options) {
  const std::string name = cursor.value();
  fairlead::forward::Settings& settings = options.settings;
  if (name == "except") {
    for (std::string& zone : corefile::zone_arguments(cursor, some_args(cursor), {})) {
      options.except.push_back(std::move(zone));
    }
  } else if (name == "policy") {
    settings.policy = parse_policy(cursor);
  } else if (name == "max_fails") {
    settings.max_fails = unsigned_option(cursor);
  } else if (name == "health_check") {
    settings.health_check = parse_health_check(cursor);
  } else if (name == "max_connect_attempts") {
    settings.max_connect_attempts = unsigned_option(cursor);
  } else if (name == "failfast_all_unhealthy_upstreams") {
    cursor.no_args();
    settings.fail_fast_all_unhealthy = true;
  } else if (name == "max_concurrent") {
    settings.max_concurrent = count_option(cursor);
  } else if (name == "next") {
    options.next = parse_rcodes(cursor);
  } else if (name == "next_on_nodata") {
    cursor.no_args();
    options.next_on_nodata = true;
  } else if (name == "failover") {
    settings.failover = parse_failover(cursor);
  } else {
    return false;
  }
  return true;
}

std::vector<std::string> parse_from(const Cursor& cursor) try {
  return corefile::normalize_zone(cursor.value());
} catch (const std::invalid_argument&) {
  throw cursor.error("unable to normalize '" + cursor.value() + "'");
}

// One place for the name that a certificate must have. With https:// the line's counts, as in
// CoreDNS.
void check_server_names(const Cursor& cursor, const Options& options) {
  if (options.tls_server_name.empty()) return;
  for (const Upstream& upstream : options.upstreams) {
    if (upstream.server_name.empty() || upstream.transport != Transport::Tls) continue;
    throw cursor.error("both forward ('" + options.tls_server_name + "') and proxy level ('" +
                       upstream.server_name +
                       "') TLS servernames are set for upstream proxy 'tls://" +
                       host_and_port(upstream) + "'");
  }
}

Options parse_use(Cursor& cursor, const Context& context) {
  Options options;
  if (!cursor.next_arg()) throw cursor.missing_arg();
  options.from = parse_from(cursor);
  options.upstreams = parse_upstreams(cursor, context);
  while (cursor.next_block()) {
    if (!parse_connection_option(cursor, context, options) &&
        !parse_choice_option(cursor, options)) {
      throw cursor.unknown_property({"force_tcp",
                                     "prefer_udp",
                                     "expire",
                                     "max_age",
                                     "max_idle_conns",
                                     "read_timeout",
                                     "tls",
                                     "tls_servername",
                                     "doh_method",
                                     "source_address",
                                     "resolver",
                                     "except",
                                     "policy",
                                     "max_fails",
                                     "health_check",
                                     "max_connect_attempts",
                                     "failfast_all_unhealthy_upstreams",
                                     "max_concurrent",
                                     "next",
                                     "next_on_nodata",
                                     "failover"});
    }
  }
  const auto max_age = options.settings.max_age;
  const auto expire = options.settings.expire;
  if (max_age.count() != 0 && max_age < expire) {
    throw cursor.error("max_age (" + corefile::format_duration(max_age) +
                       ") must not be less than expire (" + corefile::format_duration(expire) +
                       ")");
  }
  check_server_names(cursor, options);
  return options;
}

}  // namespace

uint16_t rcode_at(const Cursor& cursor, const std::string& word) {
  struct Known {
    std::string_view name;
    uint16_t code;
  };
  constexpr Known kNames[] = {{"NOERROR", 0},    {"FORMERR", 1},  {"SERVFAIL", 2}, {"NXDOMAIN", 3},
                              {"NOTIMP", 4},     {"NOTIMPL", 4},  {"REFUSED", 5},  {"YXDOMAIN", 6},
                              {"YXRRSET", 7},    {"NXRRSET", 8},  {"NOTAUTH", 9},  {"NOTZONE", 10},
                              {"DSOTYPENI", 11}, {"BADSIG", 16},  {"BADKEY", 17},  {"BADTIME", 18},
                              {"BADMODE", 19},   {"BADNAME", 20}, {"BADALG", 21},  {"BADTRUNC", 22},
                              {"BADCOOKIE", 23}};
  std::string name = word;
  for (char& c : name) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  const auto* const known = std::ranges::find(kNames, name, &Known::name);
  if (known == std::end(kNames)) throw cursor.error(word + " is not a valid rcode");
  return known->code;
}

std::vector<Upstream> parse_upstreams(Cursor& cursor, const Context& context) try {
  std::vector<Upstream> upstreams;
  std::vector<std::string> warnings;
  for (const std::string& word : some_args(cursor)) {
    for (Upstream& upstream : parse_upstream(word, context, warnings)) {
      if (std::find(upstreams.begin(), upstreams.end(), upstream) == upstreams.end())
        upstreams.push_back(std::move(upstream));
    }
  }
  for (std::string& warning : warnings) cursor.warn(std::move(warning));
  if (upstreams.empty()) throw cursor.error("no valid upstream addresses found");
  if (upstreams.size() > kMaxUpstreams) {
    throw cursor.error("more than " + std::to_string(kMaxUpstreams) +
                       " TOs configured: " + std::to_string(upstreams.size()));
  }
  return upstreams;
} catch (const std::invalid_argument& e) {
  throw cursor.error(e.what());
}

std::vector<Options> parse(Cursor& cursor, const Context& context) {
  std::vector<Options> uses;
  while (cursor.next()) uses.push_back(parse_use(cursor, context));
  if (!uses.empty()) {
    // Only another forward can be the next one.
    uses.back().next.clear();
    uses.back().next_on_nodata = false;
  }
  return uses;
}

}  // namespace fairlead::plugins::forward
