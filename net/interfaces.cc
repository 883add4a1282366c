#include "net/interfaces.h"

#include <ifaddrs.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "net/socket_address.h"

namespace fairlead::net {
namespace {

bool is_link_local(const dns::IpAddress& address) {
  const std::span<const uint8_t> o = address.octets();
  return address.is_v6() && o[0] == 0xfe && (o[1] & 0xc0) == 0x80;
}

bool is_unspecified(const dns::IpAddress& address) {
  return std::ranges::all_of(address.octets(), [](uint8_t octet) { return octet == 0; });
}

ListenAddress to_listen_address(const dns::IpAddress& address, const std::string& interface,
                                uint16_t port) {
  ListenAddress out;
  out.port = port;
  out.wildcard = is_unspecified(address);
  if (out.wildcard) return out;
  out.address = address;
  if (is_link_local(address)) out.scope = interface;
  return out;
}

void add_once(std::vector<ListenAddress>& all, const ListenAddress& address) {
  if (std::ranges::find(all, address) == all.end()) all.push_back(address);
}

/// An argument that is an address, with or without an interface behind '%'.
bool add_address(const std::string& argument, uint16_t port, std::vector<ListenAddress>& out) {
  const size_t percent = argument.find('%');
  const auto address = dns::IpAddress::from_text(std::string_view(argument).substr(0, percent));
  if (!address) return false;
  const std::string interface = percent == std::string::npos ? "" : argument.substr(percent + 1);
  if (percent != std::string::npos && (interface.empty() || !is_link_local(*address))) return false;
  add_once(out, to_listen_address(*address, interface, port));
  return true;
}

/// Adds what one argument stands for; the text of the error, if any.
std::string add_argument(const std::string& argument, uint16_t port,
                         std::span<const InterfaceAddress> interfaces,
                         std::vector<ListenAddress>& out) {
  bool is_interface = false;
  for (const InterfaceAddress& one : interfaces) {
    if (one.interface != argument) continue;
    is_interface = true;
    add_once(out, to_listen_address(one.address, one.interface, port));
  }
  if (is_interface || add_address(argument, port, out)) return {};
  return "not a valid IP address or interface name: \"" + argument + "\"";
}

/// An exception given without a scope excludes the address on every interface.
bool excludes(const ListenAddress& exception, const ListenAddress& address) {
  if (exception == address) return true;
  return exception.scope.empty() && !exception.wildcard && !address.wildcard &&
         exception.address == address.address;
}

}  // namespace

std::vector<InterfaceAddress> interface_addresses() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, &::freeifaddrs);
  std::vector<InterfaceAddress> out;
  for (const ifaddrs* i = first; i != nullptr; i = i->ifa_next) {
    if (i->ifa_addr == nullptr) continue;
    const int family = i->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    SocketAddress address{};
    std::memcpy(&address, i->ifa_addr, family == AF_INET ? sizeof address.v4 : sizeof address.v6);
    out.push_back({i->ifa_name, endpoint_of(address).address});
  }
  return out;
}

std::vector<dns::IpAddress> non_loopback_addresses(std::span<const InterfaceAddress> addresses) {
  std::vector<dns::IpAddress> out;
  for (const InterfaceAddress& one : addresses) {
    if (!one.address.is_loopback() && std::ranges::find(out, one.address) == out.end())
      out.push_back(one.address);
  }
  return out;
}

std::variant<std::vector<ListenAddress>, std::string> listen_addresses(
    const BindArguments& arguments, uint16_t port, std::span<const InterfaceAddress> interfaces) {
  std::vector<ListenAddress> found;
  std::vector<ListenAddress> exceptions;
  std::string error;
  for (const std::string& argument : arguments.include) {
    if (error.empty()) error = add_argument(argument, port, interfaces, found);
  }
  for (const std::string& argument : arguments.except) {
    if (error.empty()) error = add_argument(argument, port, interfaces, exceptions);
  }
  if (!error.empty()) return error;
  if (arguments.include.empty()) found.push_back(to_listen_address(dns::IpAddress(), "", port));
  std::erase_if(found, [&](const ListenAddress& address) {
    return std::ranges::any_of(exceptions,
                               [&](const ListenAddress& e) { return excludes(e, address); });
  });
  return found;
}

}  // namespace fairlead::net
