#include "plugins/etcd/service.h"

// One of the few places that read JSON.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace fairlead::plugins::etcd {
namespace {

using simdjson::dom::element;

constexpr size_t kMapped = 12;  // octets in front of the IPv4 address (RFC 4291 §2.5.5.2)

bool is_member(std::string_view member, std::string_view name) {
  return std::ranges::equal(member, name, [](char a, char b) {
    return dns::lower(static_cast<uint8_t>(a)) == static_cast<uint8_t>(b);
  });
}

template <typename T>
bool get(element value, T& to) {
  return value.get(to) == simdjson::SUCCESS;
}

bool get(element value, std::string& to) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return false;
  to = text;
  return true;
}

bool get(element value, uint32_t& to) {
  uint64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS || number > std::numeric_limits<uint32_t>::max())
    return false;
  to = static_cast<uint32_t>(number);
  return true;
}

// False when the member is of another type than it has to be.
bool take(std::string_view member, element value, Service& service, std::string& host) {
  if (value.is_null()) return true;
  if (is_member(member, "host")) return get(value, host);
  if (is_member(member, "port")) return get(value, service.port);
  if (is_member(member, "priority")) return get(value, service.priority);
  if (is_member(member, "weight")) return get(value, service.weight);
  if (is_member(member, "text")) return get(value, service.text);
  if (is_member(member, "mail")) return get(value, service.mail);
  if (is_member(member, "ttl")) return get(value, service.ttl);
  if (is_member(member, "targetstrip")) return get(value, service.target_strip);
  if (is_member(member, "group")) return get(value, service.group);
  return true;
}

dns::IpAddress unmapped(const dns::IpAddress& address) {
  constexpr std::array<uint8_t, kMapped> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const auto octets = address.octets();
  const bool mapped = address.is_v6() && std::ranges::equal(octets.first(kMapped), prefix);
  return mapped ? dns::IpAddress(octets.subspan(kMapped)) : address;
}

// False when it is neither an address nor a name.
bool set_host(const std::string& host, Service& service) {
  if (host.empty()) return true;
  if (const auto address = dns::IpAddress::from_text(host)) {
    service.host = Service::Host::Address;
    service.address = unmapped(*address);
    return true;
  }
  const auto name = dns::Name::from_text(host);
  if (!name) return false;
  service.host = Service::Host::Name;
  service.host_name.assign(name->view().begin(), name->view().end());
  return true;
}

}  // namespace

std::variant<Service, Unusable> read_service(std::string_view key, std::string_view value) {
  if (const size_t size = key.size() + value.size(); size > kMaxEntry)
    return Unusable{"size", "key and value have " + std::to_string(size) + " octets"};
  simdjson::dom::parser parser;
  element root;
  if (const auto error = parser.parse(value).get(root); error != simdjson::SUCCESS)
    return Unusable{"json", simdjson::error_message(error)};
  Service service;
  service.key = key;
  if (root.is_null()) return service;
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return Unusable{"json", "the value is no object"};
  std::string host;
  for (const auto& [member, said] : object) {
    if (!take(member, said, service, host))
      return Unusable{"json", "'" + std::string(member) + "' is of a wrong type"};
  }
  if (!set_host(host, service))
    return Unusable{"host", "the host \"" + host + "\" is neither an address nor a name"};
  return service;
}

}  // namespace fairlead::plugins::etcd
