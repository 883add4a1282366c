#include "plugins/dnssec/setup.h"

#include <algorithm>
#include <string>
#include <utility>

#include "plugins/names.h"
#include "plugins/zone_keys.h"

namespace fairlead::plugins::dnssec {
namespace {

using corefile::Context;
using corefile::Cursor;

constexpr int64_t kMaxCapacity = 10'000'000;

void parse_key(Cursor& cursor, const Context& context, Options& options) {
  if (!cursor.next_arg()) throw cursor.arg_error();
  const std::string source = cursor.value();
  if (source == "aws_secretsmanager") throw cursor.not_supported("'key aws_secretsmanager'");
  if (source != "file")
    throw cursor.error("key " + source + ": only `key file` is known", {"file"});
  for (NamedKey& named : read_keys(cursor, context)) options.keys.push_back(std::move(named.key));
}

size_t parse_capacity(Cursor& cursor) {
  const int64_t capacity = corefile::integer_argument(cursor, cursor.only_arg());
  if (capacity > kMaxCapacity)
    throw cursor.error("cache_capacity is too large: " + std::to_string(capacity));
  return static_cast<size_t>(std::max<int64_t>(capacity, 0));
}

void parse_option(Cursor& cursor, const Context& context, Options& options) {
  const std::string name = cursor.value();
  if (name == "key") {
    parse_key(cursor, context, options);
  } else if (name == "cache_capacity") {
    options.cache_capacity = parse_capacity(cursor);
  } else {
    throw cursor.unknown_property({"key", "cache_capacity"});
  }
}

void check_owners(const Cursor& cursor, const Options& options) {
  for (const auto& key : options.keys) {
    const auto is_above = [&](const dns::Name& zone) {
      return dns::is_at_or_below(zone.view(), key->owner().view());
    };
    if (std::ranges::any_of(options.zones, is_above)) continue;
    throw cursor.error("key " + dns::to_text(key->owner().view()) + " (keyid: " +
                       std::to_string(key->tag()) + ") can not sign any of the zones");
  }
}

}  // namespace

Options parse(Cursor& cursor, const Context& context) {
  Options options;
  while (cursor.next()) {
    cursor.require_once();
    options.zones = names_at(
        cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones));
    while (cursor.next_block()) parse_option(cursor, context, options);
    check_owners(cursor, options);
    if (options.keys.empty() && context.files != nullptr)
      cursor.warn("dnssec has no keys: nothing is signed");
  }
  return options;
}

}  // namespace fairlead::plugins::dnssec
