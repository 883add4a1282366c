#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>

#include "plugins/bind/setup.h"
#include "test/unit/plugins/setup_support.h"

using namespace fairlead::plugins;
using namespace fairlead::plugins::testing;

namespace {

const auto kRun = [](auto& cursor, const auto&) { return bind::parse(cursor); };

const std::vector<bind::Interface> kInterfaces = {
    {"lo", {"127.0.0.1", "::1"}}, {"eth0", {"10.0.0.5", "fd00::5"}}, {"down", {}}};

std::string addresses_of(const std::string& lines) {
  std::string out;
  for (const auto& address : bind::addresses(with_directive("bind", lines, kRun), kInterfaces))
    out += address + " ";
  return out;
}

}  // namespace

TEST_CASE("bind: addresses and interfaces") {
  CHECK(addresses_of("bind 127.0.0.1") == "127.0.0.1 ");
  CHECK(addresses_of("bind 169.254.20.10 10.96.0.10") == "169.254.20.10 10.96.0.10 ");
  CHECK(addresses_of("bind lo") == "127.0.0.1 ::1 ");
  CHECK(addresses_of("bind lo eth0") == "127.0.0.1 ::1 10.0.0.5 fd00::5 ");
  CHECK(addresses_of("bind lo\nbind eth0") == "127.0.0.1 ::1 10.0.0.5 fd00::5 ");
  CHECK(addresses_of("bind lo 127.0.0.1 ::1") == "127.0.0.1 ::1 ");
  CHECK(addresses_of("bind lo eth0 {\nexcept ::1 fd00::5\n}") == "127.0.0.1 10.0.0.5 ");
  CHECK(addresses_of("bind lo eth0 {\nexcept lo\n}") == "10.0.0.5 fd00::5 ");
  CHECK(addresses_of("bind lo {\nexcept lo\n}\nbind 127.0.0.1") == "127.0.0.1 ");
  CHECK(addresses_of("bind down") == "");
}

TEST_CASE("bind: mistakes") {
  const BadLine cases[] = {
      {"bind", parsing(2, "at least one address or interface name is expected")},
      {"bind {\nexcept lo\n}", parsing(2, "at least one address or interface name is expected")},
      {"bind lo {\nexcept\n}",
       parsing(3, "at least one address or interface must be given to except subdirective")},
      {"bind lo {\nbut lo\n}", parsing(3, "invalid option \"but\"")},
  };
  for (const BadLine& c : cases) {
    CAPTURE(c.lines);
    CHECK(setup_error("bind", c.lines, kRun) == c.expected);
  }
  CHECK_THROWS_WITH_AS(addresses_of("bind eth9"),
                       "not a valid IP address or interface name: \"eth9\"", std::invalid_argument);
  CHECK_THROWS_AS(addresses_of("bind lo {\nexcept eth9\n}"), std::invalid_argument);
}

TEST_CASE("bind: this machine's loopback is among its interfaces") {
  const auto interfaces = bind::system_interfaces();
  const auto loopback = std::find_if(interfaces.begin(), interfaces.end(),
                                     [](const auto& interface) { return interface.name == "lo"; });
  REQUIRE(loopback != interfaces.end());
  CHECK(std::find(loopback->addresses.begin(), loopback->addresses.end(), "127.0.0.1") !=
        loopback->addresses.end());
}
