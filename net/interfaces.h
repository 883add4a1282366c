// The host's network interfaces, and what the arguments of `bind` mean on it.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "dns/address.h"
#include "net/endpoint.h"

namespace fairlead::net {

/// One address of one interface.
struct InterfaceAddress {
  std::string interface;
  dns::IpAddress address;
};

/// Every address of the host, interface by interface. Empty when the kernel does not tell.
std::vector<InterfaceAddress> interface_addresses();

/// Which of `addresses` are not loopback ones, each once.
std::vector<dns::IpAddress> non_loopback_addresses(std::span<const InterfaceAddress> addresses);

/// The arguments of all `bind` lines of a server block: addresses or interface names. Nothing at
/// all means the wildcard.
struct BindArguments {
  std::vector<std::string> include;
  std::vector<std::string> except;
};

/// The addresses that `arguments` name, each once, in their order, with `port`. An interface stands
/// for all its addresses, a link-local one with its scope; an unspecified address for the wildcard;
/// ADDRESS%INTERFACE is read too. Or the text of the error, for the line of the Corefile.
std::variant<std::vector<ListenAddress>, std::string> listen_addresses(
    const BindArguments& arguments, uint16_t port, std::span<const InterfaceAddress> interfaces);

}  // namespace fairlead::net
