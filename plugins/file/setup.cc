#include "plugins/file/setup.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "plugins/names.h"

namespace fairlead::plugins::file {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

std::chrono::nanoseconds parse_reload(Cursor& cursor) {
  const Words args = cursor.remaining_args();
  if (args.empty()) throw cursor.error("reload duration value is expected");
  const std::chrono::nanoseconds interval = corefile::duration_argument(cursor, args[0]);
  if (interval.count() < 0)
    throw cursor.error("invalid negative duration for reload '" + args[0] + "'");
  return interval;
}

void parse_option(Cursor& cursor, ZoneSource& source) {
  const std::string name = cursor.value();
  if (name == "reload") {
    source.reload = parse_reload(cursor);
  } else if (name == "reload_by_mtime") {
    source.silent = true;
  } else if (name == "fallthrough") {
    source.fall_through =
        names_at(cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), {"."}));
  } else if (name == "upstream") {
    cursor.remaining_args();  // of old Corefiles
  } else {
    throw cursor.unknown_property();
  }
}

void drop_earlier(Cursor& cursor, const dns::Name& origin, std::vector<NamedZone>& zones) {
  const auto same = [&](const NamedZone& zone) { return zone.source.origin == origin; };
  if (std::erase_if(zones, same) > 0)
    cursor.warn("file has zone " + dns::to_text(origin.view()) +
                " twice in one block: the later line is served");
}

}  // namespace

std::vector<NamedZone> parse(Cursor& cursor, const corefile::Context& context) {
  std::vector<NamedZone> zones;
  while (cursor.next()) {
    if (!cursor.next_arg()) throw cursor.arg_error();
    const corefile::Token named = cursor.token();
    ZoneSource source;
    source.path = corefile::rooted_path(context, cursor.value());
    const auto origins = names_at(
        cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones));
    while (cursor.next_block()) parse_option(cursor, source);
    for (const dns::Name& origin : origins) {
      drop_earlier(cursor, origin, zones);
      source.origin = origin;
      zones.push_back({source, named});
    }
  }
  return zones;
}

}  // namespace fairlead::plugins::file
