#include "plugins/etcd/setup.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>

#include "corefile/duration.h"
#include "plugins/etcd/keys.h"
#include "plugins/names.h"

namespace fairlead::plugins::etcd {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

constexpr const char* kDefaultEndpoint = "http://localhost:2379";

// A number alone is one of seconds.
uint32_t parse_ttl(const Cursor& cursor, const std::string& option, std::string text) {
  const auto wrong = [&](const std::string& why) {
    return cursor.error("invalid " + option + " value: " + why);
  };
  const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
  text.erase(text.begin(), std::ranges::find_if_not(text, is_space));
  while (!text.empty() && is_space(static_cast<unsigned char>(text.back()))) text.pop_back();
  if (text.empty()) return 0;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::ranges::all_of(text, is_digit)) text += 's';
  std::chrono::nanoseconds duration{};
  try {
    duration = corefile::parse_duration(text);
  } catch (const std::invalid_argument&) {
    throw wrong("invalid TTL format, use format like '30', '30s', '5m', '1h', or '2h30m'");
  }
  constexpr std::chrono::seconds most{std::numeric_limits<uint32_t>::max()};
  if (duration.count() < 0) throw wrong("TTL must be non-negative");
  if (duration > most) throw wrong("TTL too large, maximum is 4294967295 seconds");
  return static_cast<uint32_t>(duration / std::chrono::seconds(1));
}

// 0 is the default, as in CoreDNS.
void set_ttl(Cursor& cursor, uint32_t& ttl) {
  const std::string option = cursor.value();
  const uint32_t said = parse_ttl(cursor, option, cursor.first_arg());
  const Settings defaults;
  ttl = said != 0                   ? said
        : option == "min-lease-ttl" ? defaults.shortest_lease
                                    : defaults.longest_lease;
}

// None: the system's authorities; one: a CA; two: certificate and key; three: all.
void parse_tls(Cursor& cursor, const corefile::Context& context, Connection& connection) {
  const Words files = cursor.remaining_args();
  if (files.size() > 3) {
    throw cursor.error("maximum of three arguments allowed for TLS config, found " +
                       std::to_string(files.size()));
  }
  const auto path = [&](size_t i) { return corefile::rooted_path(context, files[i]); };
  connection.tls = true;
  connection.cert = files.size() >= 2 ? path(0) : std::string();
  connection.key = files.size() >= 2 ? path(1) : std::string();
  connection.ca = files.size() % 2 == 1 ? path(files.size() - 1) : std::string();
}

void parse_credentials(Cursor& cursor, Connection& connection) {
  const Words words = cursor.remaining_args();
  if (words.empty()) throw cursor.arg_error();
  if (words.size() != 2)
    throw cursor.error("credentials requires 2 arguments, username and password");
  const bool both = !words[0].empty() && !words[1].empty();
  connection.username = both ? words[0] : std::string();
  connection.password = both ? words[1] : std::string();
}

// The options that say where etcd is. False for any other.
bool parse_connection_option(Cursor& cursor, const corefile::Context& context,
                             Connection& connection) {
  const std::string name = cursor.value();
  if (name == "endpoint") {
    connection.endpoints = cursor.remaining_args();
    if (connection.endpoints.empty()) throw cursor.arg_error();
  } else if (name == "credentials") {
    parse_credentials(cursor, connection);
  } else if (name == "tls") {
    parse_tls(cursor, context, connection);
  } else {
    return false;
  }
  return true;
}

// The options that say what the keys mean. False for any other.
bool parse_answer_option(Cursor& cursor, Options& options) {
  const std::string name = cursor.value();
  Settings& settings = options.settings;
  if (name == "path") {
    settings.root = clean_path(cursor.first_arg());
  } else if (name == "fallthrough") {
    options.fall_through =
        names_at(cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), {"."}));
  } else if (name == "no_apex_fallback") {
    cursor.no_args();
    settings.apex_fallback = false;
  } else if (name == "min-lease-ttl") {
    set_ttl(cursor, settings.shortest_lease);
  } else if (name == "max-lease-ttl") {
    set_ttl(cursor, settings.longest_lease);
  } else {
    return false;
  }
  return true;
}

// Those that CoreDNS knows and does nothing with.
bool skip_old_option(Cursor& cursor) {
  const std::string name = cursor.value();
  if (name == "upstream") cursor.remaining_args();
  return name == "stubzones" || name == "debug" || name == "upstream";
}

}  // namespace

Options parse(Cursor& cursor, const corefile::Context& context) {
  Options options;
  cursor.next();
  options.zones = names_at(
      cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones));
  options.connection.endpoints = {kDefaultEndpoint};
  while (cursor.next_block()) {
    if (skip_old_option(cursor) || parse_connection_option(cursor, context, options.connection) ||
        parse_answer_option(cursor, options))
      continue;
    throw cursor.unknown_property({"fallthrough", "path", "endpoint", "credentials", "tls",
                                   "no_apex_fallback", "min-lease-ttl", "max-lease-ttl"});
  }
  if (cursor.next()) cursor.warn("only the first etcd line of a block counts");
  return options;
}

MirrorOptions mirror_options(const Options& options) {
  MirrorOptions mirror{options.connection, {}};
  for (const dns::Name& zone : options.zones) {
    const auto is_above = [&](const dns::Name& other) {
      return other != zone && dns::is_at_or_below(zone.view(), other.view());
    };
    if (std::ranges::any_of(options.zones, is_above)) continue;
    std::string path = key_of(options.settings.root, zone.view());
    if (std::ranges::find(mirror.paths, path) == mirror.paths.end())
      mirror.paths.push_back(std::move(path));
  }
  return mirror;
}

}  // namespace fairlead::plugins::etcd
