#include "plugins/secondary/setup.h"

#include <stdexcept>
#include <string>

#include "corefile/key.h"
#include "plugins/names.h"

namespace fairlead::plugins::secondary {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

// Keys of the block's tsig.
struct Known {
  std::span<const signing::TsigKey> keys;
  bool complete = false;  // those of files, too
};

void parse_transfer(Cursor& cursor, Source& source) {
  if (!cursor.next_arg()) throw cursor.arg_error();
  const std::string direction = cursor.value();
  if (direction != "from") throw cursor.error("unknown property " + direction, {"from"});
  const Words words = cursor.remaining_args();
  if (words.empty()) throw cursor.arg_error();
  for (const std::string& word : words) source.primaries.push_back(primary_at(cursor, word));
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

// One place for the name that a certificate must have.
void name_servers(const Cursor& cursor, const std::string& name, Primaries& primaries) {
  if (name.empty()) return;
  for (Primary& primary : primaries) {
    if (!primary.has_tls) continue;
    if (!primary.server_name.empty())
      throw cursor.error("both secondary ('" + name + "') and primary level ('" +
                         primary.server_name + "') TLS servernames are set for '" +
                         to_text(primary) + "'");
    primary.server_name = name;
  }
}

void parse_option(Cursor& cursor, const corefile::Context& context, const Known& known,
                  Source& source, std::string& server_name) {
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
  } else if (name == "tls") {
    source.tls_written.at = cursor.token();
    source.tls = tls_option(cursor, context);
  } else if (name == "tls_servername") {
    server_name = cursor.first_arg();
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
    source.tls_written.at = cursor.token();
    std::string server_name;
    while (cursor.next_block()) parse_option(cursor, context, known, source, server_name);
    if (source.primaries.empty())
      throw cursor.error("secondary zones require a transfer from property");
    name_servers(cursor, server_name, source.primaries);
    for (const dns::Name& origin : origins) {
      drop_earlier(cursor, origin, sources);
      source.origin = origin;
      sources.push_back(source);
    }
  }
  return sources;
}

}  // namespace fairlead::plugins::secondary
