#include "plugins/acl/setup.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "dns/name.h"

namespace fairlead::plugins::acl {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

bool begins_section(const std::string& word) {
  const std::string name = dns::lowered(word);
  return name == "type" || name == "net";
}

Action parse_action(const Cursor& cursor) {
  const std::string name = dns::lowered(cursor.value());
  if (name == "allow") return Action::Allow;
  if (name == "block") return Action::Block;
  if (name == "filter") return Action::Filter;
  if (name == "drop") return Action::Drop;
  throw cursor.error("unexpected token " + quoted(cursor.value()) +
                         "; expect 'allow', 'block', 'filter' or 'drop'",
                     {"allow", "block", "filter", "drop"});
}

// What stands behind `*` is not looked at, as in CoreDNS.
void parse_types(const Cursor& cursor, std::span<const std::string> words, Line& line) {
  for (const std::string& word : words) {
    if (word == "*") {
      line.all_types = true;
      return;
    }
    const std::optional<dns::RrType> type = dns::rr_type_from_text(word);
    if (!type) throw cursor.error("unexpected token " + quoted(word) + "; expect legal QTYPE");
    line.types.push_back(*type);
  }
}

void parse_networks(const Cursor& cursor, std::span<const std::string> words, Line& line) {
  for (const std::string& word : words) {
    if (word == "*") {
      line.all_clients = true;
      return;
    }
    std::string text = word;
    if (text.find('/') == std::string::npos)
      text += text.find(':') == std::string::npos ? "/32" : "/128";
    corefile::Subnet network;
    if (!corefile::parse_subnet(text, network))
      throw cursor.error("illegal CIDR notation " + quoted(text));
    line.networks.push_back(std::move(network));
  }
}

Line parse_line(Cursor& cursor) {
  Line line{.action = parse_action(cursor)};
  const Words words = cursor.remaining_args();
  std::span<const std::string> rest(words);
  bool some_types = false;
  bool some_clients = false;
  while (!rest.empty()) {
    if (!begins_section(rest[0]))
      throw cursor.error("unexpected token " + quoted(rest[0]) + "; expect 'type | net'");
    const std::string section = dns::lowered(rest[0]);
    rest = rest.subspan(1);
    const auto end = std::ranges::find_if(rest, begins_section);
    const auto size = static_cast<size_t>(end - rest.begin());
    if (size == 0) throw cursor.error("no token specified in " + quoted(section) + " section");
    const bool types = section == "type";
    if (!std::exchange(types ? some_types : some_clients, true))
      (types ? line.all_types : line.all_clients) = false;
    (types ? parse_types : parse_networks)(cursor, rest.first(size), line);
    rest = rest.subspan(size);
  }
  return line;
}

}  // namespace

Options parse(Cursor& cursor, const corefile::Context& context) {
  Options options;
  while (cursor.next()) {
    RuleOptions& rule = options.rules.emplace_back();
    rule.zones = corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones);
    while (cursor.next_block()) rule.lines.push_back(parse_line(cursor));
  }
  return options;
}

}  // namespace fairlead::plugins::acl
