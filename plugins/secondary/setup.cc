#include "plugins/secondary/setup.h"

#include <cstdint>
#include <stdexcept>
#include <string>

#include "corefile/key.h"
#include "dns/address.h"
#include "plugins/names.h"

namespace fairlead::plugins::secondary {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

constexpr uint16_t kDnsPort = 53;

// Keys of the block's tsig.
struct Known {
  std::span<const signing::TsigKey> keys;
  bool complete = false;  // those of files, too
};

net::Endpoint primary_of(const Cursor& cursor, const std::string& word) {
  if (word == "*") throw cursor.error("can't use '*' in transfer from");
  const auto parts = net::split_host_port(word);
  const auto address = parts ? dns::IpAddress::from_text(parts->host) : std::nullopt;
  const auto port = !parts || !parts->port ? kDnsPort : net::parse_port(*parts->port);
  if (!address || !port || *port == 0)
    throw cursor.error("must specify an IP address: `" + word + "'");
  return {*address, *port};
}

void parse_transfer(Cursor& cursor, Source& source) {
  if (!cursor.next_arg()) throw cursor.arg_error();
  const std::string direction = cursor.value();
  if (direction != "from") throw cursor.error("unknown property " + direction, {"from"});
  const Words words = cursor.remaining_args();
  if (words.empty()) throw cursor.arg_error();
  for (const std::string& word : words) source.primaries.push_back(primary_of(cursor, word));
}

void add_member_zones(const Cursor& cursor, const std::string& word, Source& source) try {
  for (const std::string& zone : corefile::normalize_zone(word))
    source.member_zones.push_back(name_at(cursor, zone));
} catch (const std::invalid_argument&) {
  throw cursor.error("invalid catalog member zone \"" + word + '"');
}

void parse_catalog(Cursor& cursor, Source& source) {
  const Words words = cursor.remaining_args();
  const bool all_before = source.catalog && source.member_zones.empty();
  source.catalog = true;
  for (const std::string& word : words) add_member_zones(cursor, word, source);
  // One line that takes every zone takes those of the others, too.
  if (all_before || words.empty()) source.member_zones.clear();
}

void parse_copies(Cursor& cursor, const corefile::Context& context, Source& source) {
  const Words words = cursor.remaining_args();
  if (words.size() != 1 || words[0].empty()) throw cursor.arg_error();
  source.folder = corefile::rooted_path(context, words[0]);
  source.folder_written.at = cursor.token();
}

void parse_option(Cursor& cursor, const corefile::Context& context, const Known& known,
                  Source& source) {
  const std::string name = cursor.value();
  if (name == "transfer") {
    parse_transfer(cursor, source);
  } else if (name == "fallthrough") {
    source.fall_through =
        names_at(cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), {"."}));
  } else if (name == "catalog") {
    parse_catalog(cursor, source);
  } else if (name == "key") {
    source.signed_with = signed_with(cursor, known.keys, known.complete);
  } else if (name == "copies") {
    parse_copies(cursor, context, source);
  } else {
    throw cursor.unknown_property();
  }
}

void drop_earlier(Cursor& cursor, const dns::Name& origin, Sources& sources) {
  const auto same = [&](const Source& source) { return source.origin == origin; };
  if (std::erase_if(sources, same) > 0)
    cursor.warn("secondary has zone " + dns::to_text(origin.view()) +
                " twice in one block: the later line is served");
}

}  // namespace

Sources parse(Cursor& cursor, const corefile::Context& context,
              std::span<const signing::TsigKey> keys) {
  const Known known{keys, context.files != nullptr};
  Sources sources;
  while (cursor.next()) {
    const auto origins = names_at(
        cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones));
    Source source;
    while (cursor.next_block()) parse_option(cursor, context, known, source);
    if (source.primaries.empty())
      throw cursor.error("secondary zones require a transfer from property");
    for (const dns::Name& origin : origins) {
      drop_earlier(cursor, origin, sources);
      source.origin = origin;
      sources.push_back(source);
    }
  }
  return sources;
}

}  // namespace fairlead::plugins::secondary
