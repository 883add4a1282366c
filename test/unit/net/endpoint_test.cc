#include "net/endpoint.h"

#include <doctest/doctest.h>

#include <string>

using namespace fairlead;
using namespace fairlead::net;

namespace {

// HOST|PORT, - for a port that is not there; in brackets if it was.
std::string parts_of(std::string_view text) {
  const auto parts = split_host_port(text);
  if (!parts) return "nothing";
  const std::string host(parts->host);
  return (parts->brackets ? "[" + host + "]" : host) + "|" + std::string(parts->port.value_or("-"));
}

}  // namespace

TEST_CASE("endpoint: a host and its port are taken apart") {
  const struct {
    const char* text;
    const char* parts;
  } cases[] = {
      {"", "|-"},
      {"a.example", "a.example|-"},
      {"a.example:80", "a.example|80"},
      {":80", "|80"},
      {"a:", "a|"},
      {"2001:db8::1", "2001:db8::1|-"},
      {"[::1]", "[::1]|-"},
      {"[::1]:80", "[::1]|80"},
      {"[a]:x", "[a]|x"},
      {"[]:1", "[]|1"},
      {"[::1", "nothing"},
      {"[::1]80", "nothing"},
      {"[::1]x:80", "nothing"},
      {"[::1]:80:80", "nothing"},
      {"[", "nothing"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(parts_of(c.text) == c.parts);
  }
}

TEST_CASE("endpoint: a server is an address, with a port and a scope or without") {
  const struct {
    const char* text;
    const char* server;
  } cases[] = {
      {"192.0.2.1", "192.0.2.1:53"},
      {"192.0.2.1:1053", "192.0.2.1:1053"},
      {"2001:db8::1", "[2001:db8::1]:53"},
      {"[2001:db8::1]:34", "[2001:db8::1]:34"},
      {"fe80::1%eth0", "[fe80::1%eth0]:53"},
      {"[fe80::1%eth0]", "[fe80::1%eth0]:53"},
      {"[fe80::1%eth0]:5353", "[fe80::1%eth0]:5353"},
      {"fe80::1%", ""},
      {"%eth0", ""},
      {"192.0.2.1%eth0", ""},
      {"192.0.2.1:x", ""},
      {"192.0.2.1:65536", ""},
      {"host.example", ""},
      {"[fe80::1%eth0", ""},
      {"", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto server = parse_server(c.text, 53);
    CHECK((server ? to_text(*server) : "") == c.server);
  }
}

TEST_CASE("endpoint: a port is a number of 16 bits and nothing else") {
  CHECK(parse_port("0") == 0);
  CHECK(parse_port("65535") == 65535);
  for (const char* bad : {"", "65536", "-1", "+1", " 1", "1 ", "x", "99999999999"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_port(bad));
  }
}
