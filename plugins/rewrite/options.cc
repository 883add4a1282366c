#include "plugins/rewrite/options.h"

#include <algorithm>
#include <cstring>

#include "dns/address.h"
#include "dns/edns_option.h"
#include "dns/types.h"

namespace fairlead::plugins::rewrite {
namespace {

using Action = EdnsRule::Action;
using Source = EdnsRule::Source;

std::string octets16(uint16_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

std::string octets_of(const dns::IpAddress& address) {
  const auto octets = address.octets();
  return {octets.begin(), octets.end()};
}

// RFC 7871 §6: the octets of the prefix, the bits behind it zero.
std::string subnet_of(const EdnsRule& rule, const dns::IpAddress& address) {
  const uint8_t bits = address.is_v6() ? rule.v6_bits : rule.v4_bits;
  std::string data = octets16(address.is_v6() ? 2 : 1);
  data += static_cast<char>(bits);
  data += '\0';  // the scope is the answer's
  data += octets_of(address).substr(0, (bits + 7U) / 8);
  if (bits % 8 != 0) data.back() = static_cast<char>(data.back() & (0xff00 >> bits % 8));
  return data;
}

// The place of the first option with this code, and what it takes; none: the end, and 0.
struct Found {
  size_t at = 0;
  size_t size = 0;
};

Found find(const Options& options, uint16_t code, size_t from = 0) {
  dns::OptionReader reader(std::span<const uint8_t>(options).subspan(from));
  size_t at = from;
  while (const auto option = reader.next()) {
    const size_t size = dns::kOptionHead + option->data.size();
    if (static_cast<uint16_t>(option->code) == code) return {at, size};
    at += size;
  }
  return {options.size(), 0};
}

void replace_at(Options& options, Found place, uint16_t code, std::span<const uint8_t> data) {
  Options option(dns::kOptionHead + data.size());
  option[0] = static_cast<uint8_t>(code >> 8);
  option[1] = static_cast<uint8_t>(code);
  option[2] = static_cast<uint8_t>(data.size() >> 8);
  option[3] = static_cast<uint8_t>(data.size());
  std::ranges::copy(data, option.begin() + dns::kOptionHead);
  const auto at = options.begin() + static_cast<ptrdiff_t>(place.at);
  const auto rest = options.erase(at, at + static_cast<ptrdiff_t>(place.size));
  options.insert(rest, option.begin(), option.end());
}

void remove_all(Options& options, uint16_t code) {
  for (Found found = find(options, code); found.size != 0; found = find(options, code, found.at)) {
    const auto at = options.begin() + static_cast<ptrdiff_t>(found.at);
    options.erase(at, at + static_cast<ptrdiff_t>(found.size));
  }
}

}  // namespace

std::optional<std::string> data_of(const EdnsRule& rule, const Asker& asker) {
  switch (rule.source) {
    case Source::Data:
      return rule.data;
    case Source::Qname:
      return asker.name;
    case Source::Qtype:
      return octets16(static_cast<uint16_t>(asker.query.qtype));
    case Source::ClientAddress:
      return octets_of(asker.peers.client.address);
    case Source::ClientPort:
      return octets16(asker.peers.client.port);
    case Source::ServerAddress:
      return octets_of(asker.peers.local.address);
    case Source::ServerPort:
      return octets16(asker.peers.local.port);
    case Source::Protocol:
      return asker.query.transport == dns::Transport::Udp ? "udp" : "tcp";
    case Source::Subnet:
      return subnet_of(rule, asker.peers.client.address);
    case Source::Label:
      break;
  }
  std::string value = asker.label ? asker.label(rule.data) : std::string();
  if (value.empty()) return std::nullopt;
  return value;
}

bool edit(const EdnsRule& rule, std::span<const uint8_t> data, Options& options) {
  if (rule.action == Action::Unset) {
    remove_all(options, rule.code);
    return true;
  }
  const Found found = find(options, rule.code);
  const Found end{options.size(), 0};
  if (rule.action == Action::Replace && found.size == 0) return false;
  if (rule.action != Action::Append) {
    replace_at(options, found.size == 0 ? end : found, rule.code, data);
    return true;
  }
  if (found.size != 0 && rule.source != Source::Data) return false;
  replace_at(options, end, rule.code, data);
  return true;
}

}  // namespace fairlead::plugins::rewrite
