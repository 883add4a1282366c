#include <doctest/doctest.h>

#include "plugins/hosts/lines.h"
#include "plugins/hosts/table.h"

namespace fairlead::plugins::hosts {
namespace {

const std::vector<dns::Name> kRoot = {dns::Name()};
using Words = std::vector<std::string>;

dns::Name name_of(const std::string& text) {
  return *dns::Name::from_text(text);
}

HostMap map_of(const std::string& text, Words* problems = nullptr) {
  return HostMap(text, HostMap::Reading{"/etc/hosts", kRoot, true, problems});
}

std::string addresses(const HostMap& map, const std::string& name) {
  const auto found = map.find(name_of(name).view());
  std::string out;
  for (const uint32_t number : found.v4) out += map.address(number).to_text() + " ";
  if (!found.v6.empty()) out += "| ";
  for (const uint32_t number : found.v6) out += map.address(number).to_text() + " ";
  return out;
}

std::string names(const HostMap& map, const std::string& address) {
  std::string out;
  for (const uint32_t number : map.names_of(*dns::IpAddress::from_text(address)))
    out += dns::to_text(map.name(number)) + " ";
  return out;
}

}  // namespace

TEST_CASE("hosts table: what a file says") {
  const HostMap map = map_of(
      "# comment\n"
      "127.0.0.1\tlocalhost\n"
      "10.0.0.2 Web.Example www # 10.0.0.9 web.example\n"
      "10.0.0.1 web.example\r\n"
      "fd00::2 web.example\n"
      "fe80::1%eth0 link\n"
      "::ffff:10.0.0.3 mapped\n"
      "10.0.0.2 web.example web.example.\n"
      "\n"
      "10.0.0.4\n"
      "10.0.0.5 last");
  struct {
    const char* name;
    const char* expected;
  } const cases[] = {
      {"localhost", "127.0.0.1 "},
      {"web.example", "10.0.0.2 10.0.0.1 | fd00::2 "},
      {"www", "10.0.0.2 "},
      {"link", "| fe80::1 "},
      {"mapped", "10.0.0.3 "},
      {"last", "10.0.0.5 "},
      {"example", ""},
      {"x.www", ""},
      {".", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(addresses(map, c.name) == c.expected);
  }
  CHECK(names(map, "10.0.0.2") == "web.example. www. ");
  CHECK(names(map, "fd00::2") == "web.example. ");
  CHECK(names(map, "10.0.0.3") == "mapped. ");
  CHECK(names(map, "10.0.0.9").empty());
  CHECK(names(map, "255.255.255.255").empty());
  CHECK(map.entries() == 16);
}

TEST_CASE("hosts table: a wildcard stands for one label") {
  const HostMap map = map_of(
      "127.0.0.53 *.example.org\n127.0.1.52 *.intern.example.org\n127.0.0.54 foo.example.org\n"
      "fd00::1 *.six\n10.0.0.1 * *.\n10.0.0.2 foo*.bar\n");
  struct {
    const char* name;
    const char* expected;
  } const cases[] = {
      {"foo.example.org", "127.0.0.54 "},
      {"bar.example.org", "127.0.0.53 "},
      {"*.example.org", "127.0.0.53 "},
      {"bar.intern.example.org", "127.0.1.52 "},
      {"intern.example.org", "127.0.0.53 "},
      {"example.org", ""},
      {"deep.foo.example.org", ""},
      {"x.six", "| fd00::1 "},
      {"org", ""},
      {"*", ""},
      {"foox.bar", ""},
      {"foo*.bar", "10.0.0.2 "},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(addresses(map, c.name) == c.expected);
  }
  CHECK(names(map, "127.0.0.53").empty());
  CHECK(names(map, "127.0.0.54") == "foo.example.org. ");
}

TEST_CASE("hosts table: zones and reverse") {
  const std::vector<dns::Name> zones = {name_of("a.example"), name_of("b.")};
  const HostMap map("10.0.0.1 x.a.example a.example ba.example\n10.0.0.2 z.b\n",
                    HostMap::Reading{"f", zones, false, nullptr});
  CHECK(addresses(map, "x.a.example") == "10.0.0.1 ");
  CHECK(addresses(map, "a.example") == "10.0.0.1 ");
  CHECK(addresses(map, "ba.example").empty());
  CHECK(addresses(map, "z.b") == "10.0.0.2 ");
  CHECK(names(map, "10.0.0.1").empty());
  CHECK(map.entries() == 3);
}

TEST_CASE("hosts table: what cannot be read is told with its line, the rest counts") {
  Words problems;
  const std::string long_name = std::string(64, 'x');
  const HostMap map = map_of("nonsense a\n10.0.0.1 good a..b " + long_name +
                                 " also\n010.0.0.1 octal\n\x01 b\n10.0.0.2 .\n",
                             &problems);
  CHECK(problems == Words{"/etc/hosts:1: 'nonsense' is not an IP address, the line is ignored",
                          "/etc/hosts:2: 'a..b' is not a host name, it is ignored",
                          "/etc/hosts:2: '" + long_name + "' is not a host name, it is ignored",
                          "/etc/hosts:3: '010.0.0.1' is not an IP address, the line is ignored",
                          "/etc/hosts:4: '?' is not an IP address, the line is ignored",
                          "/etc/hosts:5: '.' is not a host name, it is ignored"});
  CHECK(names(map, "10.0.0.1") == "good. also. ");
}

TEST_CASE("hosts table: messages, names and addresses have bounds") {
  std::string bad;
  for (int i = 0; i < 50; ++i) bad += "x" + std::string(5000, 'y') + "\n";
  Words problems;
  map_of(bad, &problems);
  REQUIRE(problems.size() == HostMap::kMaxProblems);
  CHECK(problems.back() == "/etc/hosts:20: and more lines that cannot be read");
  CHECK(problems.front().size() < 150);

  std::string many;
  for (size_t i = 0; i < HostMap::kMaxPerKey + 5; ++i) {
    many += "0.0.0.0 h" + std::to_string(i) + "\n";
    many += "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256) + " same\n";
  }
  const HostMap map = map_of(many);
  CHECK(map.find(name_of("same").view()).v4.size() == HostMap::kMaxPerKey);
  CHECK(map.names_of(*dns::IpAddress::from_text("0.0.0.0")).size() == HostMap::kMaxPerKey);
  CHECK(addresses(map, "h1004") == "0.0.0.0 ");

  CHECK(HostMap::Reading{}.max_entries == HostMap::kMaxEntries);
  problems.clear();
  const HostMap full("1.1.1.1 a b\n1.1.1.2 c d\n",
                     HostMap::Reading{"/etc/hosts", kRoot, true, &problems, 3});
  CHECK(problems == Words{"/etc/hosts: more than 3 names, the rest is ignored"});
  CHECK(addresses(full, "c") == "1.1.1.2 ");
  CHECK(addresses(full, "d").empty());
  CHECK(full.entries() == 6);
}

TEST_CASE("hosts table: an empty one") {
  for (const HostMap& map : {HostMap(), map_of(""), map_of("\n\n# nothing\n")}) {
    CHECK(addresses(map, "a").empty());
    CHECK(names(map, "0.0.0.0").empty());
    CHECK(map.entries() == 0);
  }
}

}  // namespace fairlead::plugins::hosts
