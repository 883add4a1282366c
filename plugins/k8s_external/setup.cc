#include "plugins/k8s_external/setup.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "dns/name.h"
#include "plugins/names.h"

namespace fairlead::plugins::k8s_external {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

// What follows the first is ignored, as in CoreDNS.
std::string first_of_line(Cursor& cursor) {
  const Words words = cursor.remaining_args();
  if (words.empty()) throw cursor.arg_error();
  return words.front();
}

uint32_t parse_ttl(Cursor& cursor) {
  const int64_t ttl = corefile::integer_argument(cursor, first_of_line(cursor));
  if (ttl < 0 || ttl > 3600)
    throw cursor.error("ttl must be in range [0, 3600]: " + std::to_string(ttl));
  return static_cast<uint32_t>(ttl);
}

dns::Name parse_apex(Cursor& cursor) {
  const std::string text = first_of_line(cursor);
  const dns::Name apex = name_at(cursor, text);
  if (apex.size() == 1) throw cursor.error("'" + text + "' is no name below a zone");
  return apex;
}

std::vector<dns::Name> parse_fallthrough(Cursor& cursor) {
  const Words texts = corefile::zone_arguments(cursor, cursor.remaining_args(), {"."});
  const bool everything = std::ranges::find(texts, ".") != texts.end();
  return names_at(cursor, everything ? Words() : texts);
}

void parse_option(Cursor& cursor, zones::OutsideZone& zone) {
  const std::string name = cursor.value();
  if (name == "ttl") {
    zone.ttl = parse_ttl(cursor);
  } else if (name == "apex") {
    zone.apex = parse_apex(cursor);
  } else if (name == "headless") {
    zone.headless = true;
  } else if (name == "fallthrough") {
    zone.fallthrough = parse_fallthrough(cursor);
  } else {
    throw cursor.unknown_property({"ttl", "apex", "headless", "fallthrough"});
  }
}

// Names of services end in a zone that names are asked in.
size_t first_forward(const std::vector<dns::Name>& zones) {
  const auto is_forward = [](const dns::Name& zone) { return !dns::is_reverse_name(zone.view()); };
  const auto at = std::ranges::find_if(zones, is_forward);
  return at == zones.end() ? 0 : static_cast<size_t>(at - zones.begin());
}

}  // namespace

zones::OutsideZone parse(Cursor& cursor, const corefile::Context& context) {
  zones::OutsideZone zone;
  zone.apex = *dns::Name::from_text("dns");
  while (cursor.next()) {
    const Words texts =
        corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones);
    zone.zones = names_at(cursor, texts);
    zone.primary = first_forward(zone.zones);
    while (cursor.next_block()) parse_option(cursor, zone);
  }
  return zone;
}

}  // namespace fairlead::plugins::k8s_external
