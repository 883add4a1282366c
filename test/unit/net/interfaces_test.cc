#include "net/interfaces.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace fairlead::net {
namespace {

dns::IpAddress ip(const char* text) {
  return *dns::IpAddress::from_text(text);
}

const std::vector<InterfaceAddress> kInterfaces{
    {"lo", ip("127.0.0.1")},
    {"lo", ip("::1")},
    {"eth0", ip("10.0.0.5")},
    {"eth0", ip("2001:db8::5")},
    {"eth0", ip("fe80::5")},
    {"eth1", ip("10.1.0.5")},
    {"nodelocaldns", ip("169.254.20.10")},
    {"nodelocaldns", ip("10.0.0.5")},
};

/// The addresses behind each other, or the error.
std::string bind(const BindArguments& arguments) {
  const auto result = listen_addresses(arguments, 53, kInterfaces);
  if (const auto* error = std::get_if<std::string>(&result)) return *error;
  std::string out;
  for (const ListenAddress& address : std::get<0>(result))
    out += (out.empty() ? "" : " ") + address.to_text();
  return out;
}

TEST_CASE("interfaces: what the arguments of bind stand for") {
  const struct {
    BindArguments arguments;
    const char* expected;
  } rows[] = {
      {{{}, {}}, ":53"},
      {{{"10.9.9.9"}, {}}, "10.9.9.9:53"},
      {{{"::1"}, {}}, "[::1]:53"},
      {{{"0.0.0.0"}, {}}, ":53"},
      {{{"::", "0.0.0.0"}, {}}, ":53"},
      {{{"eth0"}, {}}, "10.0.0.5:53 [2001:db8::5]:53 [fe80::5%eth0]:53"},
      {{{"eth1", "lo"}, {}}, "10.1.0.5:53 127.0.0.1:53 [::1]:53"},
      {{{"eth0", "nodelocaldns", "10.0.0.5"}, {}},
       "10.0.0.5:53 [2001:db8::5]:53 [fe80::5%eth0]:53 169.254.20.10:53"},
      {{{"eth0"}, {"2001:db8::5"}}, "10.0.0.5:53 [fe80::5%eth0]:53"},
      {{{"eth0"}, {"fe80::5"}}, "10.0.0.5:53 [2001:db8::5]:53"},
      {{{"eth0", "lo"}, {"lo", "10.0.0.5"}}, "[2001:db8::5]:53 [fe80::5%eth0]:53"},
      {{{"lo"}, {"lo"}}, ""},
      {{{"fe80::7%eth1"}, {}}, "[fe80::7%eth1]:53"},
      {{{"eth9"}, {}}, "not a valid IP address or interface name: \"eth9\""},
      {{{"10.0.0"}, {}}, "not a valid IP address or interface name: \"10.0.0\""},
      {{{"10.0.0.1%eth0"}, {}}, "not a valid IP address or interface name: \"10.0.0.1%eth0\""},
      {{{"fe80::1%"}, {}}, "not a valid IP address or interface name: \"fe80::1%\""},
      {{{""}, {}}, "not a valid IP address or interface name: \"\""},
      {{{"eth0"}, {"bad"}}, "not a valid IP address or interface name: \"bad\""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.expected);
    CHECK(bind(row.arguments) == row.expected);
  }
}

TEST_CASE("interfaces: addresses that are not loopback, each once") {
  const std::vector<dns::IpAddress> expected{ip("10.0.0.5"), ip("2001:db8::5"), ip("fe80::5"),
                                             ip("10.1.0.5"), ip("169.254.20.10")};
  CHECK(non_loopback_addresses(kInterfaces) == expected);
}

TEST_CASE("interfaces: this host has a loopback address") {
  const auto all = interface_addresses();
  CHECK(std::ranges::any_of(
      all, [](const InterfaceAddress& one) { return one.address == ip("127.0.0.1"); }));
}

}  // namespace
}  // namespace fairlead::net
