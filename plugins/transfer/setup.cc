#include "plugins/transfer/setup.h"

#include <cstddef>
#include <cstdint>

#include "plugins/names.h"

namespace fairlead::plugins::transfer {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

constexpr uint16_t kDnsPort = 53;

net::Subnet network_of(const dns::IpAddress& address) {
  const auto octets = address.octets();
  return {{octets.begin(), octets.end()}, static_cast<int>(8 * octets.size())};
}

// An address, with or without a port, or a network.
void add_client(const Cursor& cursor, const std::string& word, Rule& rule) {
  if (word == "*") {
    rule.everyone = true;
    return;
  }
  net::Subnet network;
  if (word.find('/') != std::string::npos && net::parse_subnet(word, network)) {
    rule.clients.push_back(network);
    return;
  }
  const auto server = net::parse_server(word, kDnsPort);
  if (!server) throw cursor.error("must specify an IP address: `" + word + "'");
  if (server->scope.empty()) rule.clients.push_back(network_of(server->address));
  rule.told.push_back(*server);
}

// Keys of the block's tsig.
struct Known {
  std::span<const signing::TsigKey> keys;
  bool complete = false;  // those of files, too
};

void parse_option(Cursor& cursor, const Known& known, Rule& rule) {
  const std::string name = cursor.value();
  if (name == "to") {
    const Words words = cursor.remaining_args();
    if (words.empty()) throw cursor.arg_error();
    for (const std::string& word : words) add_client(cursor, word, rule);
  } else if (name == "source") {
    const Words words = cursor.remaining_args();
    if (words.size() != 1) throw cursor.arg_error();
    if (rule.from) throw cursor.error("source already specified");
    rule.from = dns::IpAddress::from_text(words[0]);
    if (!rule.from) throw cursor.error("invalid source address \"" + words[0] + "\"");
  } else if (name == "key") {
    if (rule.signed_with) throw cursor.error("key already specified");
    rule.signed_with = signed_with(cursor, known.keys, known.complete);
  } else {
    throw cursor.error("unknown property \"" + name + "\"", {"to", "source", "key"});
  }
}

}  // namespace

Rules parse(Cursor& cursor, const corefile::Context& context,
            std::span<const signing::TsigKey> keys) {
  const Known known{keys, context.files != nullptr};
  Rules rules;
  while (cursor.next()) {
    Rule& rule = rules.emplace_back();
    rule.zones = names_at(
        cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones));
    while (cursor.next_block()) parse_option(cursor, known, rule);
    if (!rule.everyone && rule.clients.empty() && rule.told.empty())
      throw cursor.error("'to' is required");
    if (rule.signed_with && rule.told.empty())
      cursor.warn(
          "transfer has a key, and nobody in 'to' who is told of changes: it signs nothing");
  }
  return rules;
}

const Rule* rule_for(const Rules& rules, dns::NameView name) {
  const Rule* best = nullptr;
  size_t longest = 0;
  for (const Rule& rule : rules) {
    for (const dns::Name& zone : rule.zones) {
      if (zone.size() <= longest || !dns::is_at_or_below(name, zone.view())) continue;
      longest = zone.size();
      best = &rule;
    }
  }
  return best;
}

}  // namespace fairlead::plugins::transfer
