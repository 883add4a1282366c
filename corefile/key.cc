#include "corefile/key.h"

#include <algorithm>
#include <stdexcept>

#include "corefile/arguments.h"
#include "dns/name.h"
#include "net/endpoint.h"

namespace fairlead::corefile {
namespace {

struct TransportPort {
  std::string_view name;
  uint16_t port;  // 0: the default port of the command line
};

constexpr TransportPort kTransports[] = {{"dns", 0},     {"tls", 853},    {"quic", 853},
                                         {"https", 443}, {"https3", 443}, {"grpc", 443}};

// Takes `transport://` off the text; dns when there is none that is known.
TransportPort take_transport(std::string_view& text) {
  for (const TransportPort& transport : kTransports) {
    const size_t size = transport.name.size();
    if (text.starts_with(transport.name) && text.substr(size).starts_with("://")) {
      text.remove_prefix(size + 3);
      return transport;
    }
  }
  return kTransports[0];
}

struct Split {
  std::string_view zone;
  std::string_view port;  // a number with a sign or none; empty without one
};

// Takes a final :NUMBER off. Any other text after a colon belongs to the zone.
Split split_port(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (text.empty() || colon == std::string_view::npos) return {text, {}};
  if (colon + 1 == text.size()) {
    throw std::invalid_argument("expecting data after last colon: \"" + std::string(text) + "\"");
  }
  const std::string_view port = text.substr(colon + 1);
  const bool sign = port.front() == '+' || port.front() == '-';
  const std::string_view digits = port.substr(sign ? 1 : 0);
  const bool number = !digits.empty() && std::all_of(digits.begin(), digits.end(),
                                                     [](char c) { return c >= '0' && c <= '9'; });
  if (!number) return {text, {}};
  return {text.substr(0, colon), port};
}

// As Go reads it, which takes a sign.
uint16_t port_of(std::string_view text) {
  const auto port = net::parse_port(text.starts_with('+') ? text.substr(1) : text);
  if (!port) throw std::invalid_argument("address " + std::string(text) + ": invalid port");
  return *port;
}

// in-addr.arpa or ip6.arpa name of the first `units` octets or nibbles of an address.
std::string reverse_name(const std::vector<uint8_t>& address, int units) {
  const bool v4 = address.size() == 4;
  std::string name;
  for (int i = units - 1; i >= 0; --i) {
    if (v4) {
      name += std::to_string(address[static_cast<size_t>(i)]) + ".";
      continue;
    }
    const uint8_t octet = address[static_cast<size_t>(i) / 2];
    name += "0123456789abcdef"[i % 2 == 0 ? octet >> 4 : octet & 15];
    name += '.';
  }
  return name + (v4 ? "in-addr.arpa." : "ip6.arpa.");
}

// The reverse zones that together are `subnet`: one on a label boundary, else 2 to 128.
std::vector<std::string> reverse_zones(Subnet subnet) {
  const int unit = subnet.address.size() == 4 ? 8 : 4;
  const int units = (subnet.prefix + unit - 1) / unit;
  const int count = 1 << (units * unit - subnet.prefix);
  std::vector<std::string> zones;
  for (int i = 0; i < count; ++i) {
    zones.push_back(reverse_name(subnet.address, units));
    if (units == 0) break;
    const int last = (units - 1) * unit;
    const int step = unit == 8 || last % 8 == 4 ? 1 : 16;
    auto& octet = subnet.address[static_cast<size_t>(last / 8)];
    octet = static_cast<uint8_t>(octet + step);
  }
  return zones;
}

std::vector<std::string> zones_from(std::string_view zone) {
  if (zone.size() > 255) {
    throw std::invalid_argument("specified zone is too long: " + std::to_string(zone.size()) +
                                " > 255");
  }
  if (!is_domain_name(zone))
    throw std::invalid_argument("zone is not a valid domain name: " + std::string(zone));
  Subnet subnet;
  if (!parse_subnet(zone, subnet)) return {fully_qualified(zone)};
  const bool ambiguous =
      zone.front() == ':' || (zone.front() == '0' && zone.find('.') != std::string_view::npos);
  if (ambiguous) throw std::invalid_argument("invalid CIDR " + std::string(zone));
  return reverse_zones(subnet);
}

std::string listen_name(const Key& key, const std::string& address) {
  return key.to_string() + (address.empty() ? "" : " on " + address);
}

}  // namespace

std::string Key::to_string() const {
  return transport + "://" + zone + ":" + std::to_string(port);
}

std::vector<Key> parse_key(const Token& token, uint16_t default_port) try {
  std::string_view text = token.text;
  const TransportPort transport = take_transport(text);
  const Split split = split_port(text);
  const uint16_t otherwise = transport.port == 0 ? default_port : transport.port;
  const uint16_t port = split.port.empty() ? otherwise : port_of(split.port);
  std::vector<Key> keys;
  for (std::string& zone : zones_from(split.zone)) {
    keys.push_back({std::string(transport.name), std::move(zone), port});
  }
  return keys;
} catch (const std::invalid_argument& e) {
  throw parse_error(token, e.what());
}

std::vector<Key> parse_keys(const ServerBlock& block, uint16_t default_port) {
  std::vector<Key> keys;
  for (const Token& token : block.keys) {
    for (Key& key : parse_key(token, default_port)) keys.push_back(std::move(key));
  }
  return keys;
}

std::vector<std::string> zones_of(const std::vector<Key>& keys) {
  std::vector<std::string> zones;
  for (const Key& key : keys) {
    if (std::find(zones.begin(), zones.end(), key.zone) == zones.end()) zones.push_back(key.zone);
  }
  return zones;
}

std::vector<std::string> normalize_zone(std::string_view text) {
  take_transport(text);
  return zones_from(split_port(text).zone);
}

std::string fully_qualified(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  size_t backslashes = 0;
  if (out.ends_with('.')) {
    while (backslashes + 1 < out.size() && out[out.size() - 2 - backslashes] == '\\') ++backslashes;
  }
  if (!out.ends_with('.') || backslashes % 2 == 1) out += '.';
  return out;
}

bool is_domain_name(std::string_view name) {
  return dns::Name::from_text(name).has_value();
}

bool is_preferred_name(std::string_view name) {
  const auto usual = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return std::all_of(name.begin(), name.end(), usual);
}

std::string odd_name(std::string_view zone) {
  std::string quoted;
  for (const char c : zone) quoted += c == '\\' || c == '"' ? std::string{'\\', c} : std::string{c};
  return "Domain \"" + quoted + "\" does not follow RFC1035 preferred syntax";
}

void ListenTable::add(const Key& key, const std::string& address, const Token& token) {
  const std::string exact = listen_name(key, address);
  const std::string any = key.to_string();
  if (exact_.contains(exact))
    throw parse_error(token, "cannot serve " + exact + " - it is already defined");
  // The whole address space stands for each address in it, in either order of definition.
  if (const auto other = any_.find(any);
      other != any_.end() && (address.empty() || exact_.contains(any))) {
    const std::string& with = address.empty() ? other->second : any;
    throw parse_error(token,
                      "cannot serve " + exact + " - zone overlap listener capacity with " + with);
  }
  exact_.insert(exact);
  any_[any] = exact;
}

void check_keys(const Config& config, uint16_t default_port) {
  ListenTable table;
  for (const ServerBlock& block : config.blocks) {
    if (block.find("bind") != nullptr || block.find("view") != nullptr) continue;
    for (const Token& token : block.keys) {
      for (const Key& key : parse_key(token, default_port)) table.add(key, "", token);
    }
  }
}

}  // namespace fairlead::corefile
