#include "corefile/key.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "test/unit/corefile/support.h"

using namespace fairlead::corefile;
using namespace fairlead::corefile::testing;

namespace {

Token key_token(const std::string& text) {
  return {text, "Corefile", 7, true, false};
}

std::string keys_text(const std::string& text) {
  std::string out;
  for (const Key& key : parse_key(key_token(text), 53))
    out += (out.empty() ? "" : " ") + key.to_string();
  return out;
}

struct Case {
  std::string text;
  std::string expected;
};

std::string zones_text(const std::vector<std::string>& zones) {
  std::string out;
  for (const std::string& zone : zones) out += (out.empty() ? "" : " ") + zone;
  return out;
}

}  // namespace

TEST_CASE("key: transports, zones and ports") {
  const Case cases[] = {
      {".", "dns://.:53"},
      {".:53", "dns://.:53"},
      {".:1053", "dns://.:1053"},
      {".:0", "dns://.:0"},
      {"Example.ORG", "dns://example.org.:53"},
      {"example.org.:5353", "dns://example.org.:5353"},
      {"dns://example.org", "dns://example.org.:53"},
      {"tls://example.org", "tls://example.org.:853"},
      {"tls://example.org:8853", "tls://example.org.:8853"},
      {"quic://.", "quic://.:853"},
      {"https://.", "https://.:443"},
      {"https3://.", "https3://.:443"},
      {"grpc://.", "grpc://.:443"},
      {"in-addr.arpa", "dns://in-addr.arpa.:53"},
      {"hostname.bind:5353", "dns://hostname.bind.:5353"},
      {"a\\.", "dns://a\\..:53"},
      {"10.0.0.0/33", "dns://10.0.0.0/33.:53"},
      {"10.0.0.1", "dns://10.0.0.1.:53"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(keys_text(c.text) == c.expected);
  }
  CHECK(parse_key(key_token("."), 1053).at(0).port == 1053);
  CHECK(parse_key(key_token("tls://."), 1053).at(0).port == 853);
}

TEST_CASE("key: a CIDR is its reverse zones") {
  const Case cases[] = {
      {"10.0.0.0/8", "10.in-addr.arpa."},
      {"10.1.0.0/16", "1.10.in-addr.arpa."},
      {"192.168.1.0/24", "1.168.192.in-addr.arpa."},
      {"192.168.1.7/24", "1.168.192.in-addr.arpa."},
      {"192.168.1.7/32", "7.1.168.192.in-addr.arpa."},
      {"1.0.0.0/0", "in-addr.arpa."},
      {"10.0.0.0/22",
       "0.0.10.in-addr.arpa. 1.0.10.in-addr.arpa. 2.0.10.in-addr.arpa. 3.0.10.in-addr.arpa."},
      {"10.0.6.9/23", "6.0.10.in-addr.arpa. 7.0.10.in-addr.arpa."},
      {"172.16.0.0/15", "16.172.in-addr.arpa. 17.172.in-addr.arpa."},
      {"254.0.0.0/7", "254.in-addr.arpa. 255.in-addr.arpa."},
      {"10.0.0.254/31", "254.0.0.10.in-addr.arpa. 255.0.0.10.in-addr.arpa."},
      {"2001:db8::/32", "8.b.d.0.1.0.0.2.ip6.arpa."},
      {"2001:db8::/36", "0.8.b.d.0.1.0.0.2.ip6.arpa."},
      {"2001:db8::/31", "8.b.d.0.1.0.0.2.ip6.arpa. 9.b.d.0.1.0.0.2.ip6.arpa."},
      {"2001:db8:8000::/35", "8.8.b.d.0.1.0.0.2.ip6.arpa. 9.8.b.d.0.1.0.0.2.ip6.arpa."},
      {"fd00::/8", "d.f.ip6.arpa."},
      {"fe80::/10", "8.e.f.ip6.arpa. 9.e.f.ip6.arpa. a.e.f.ip6.arpa. b.e.f.ip6.arpa."},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(zones_text(normalize_zone(c.text)) == c.expected);
  }
  CHECK(normalize_zone("10.128.0.0/9").size() == 128);
  CHECK(normalize_zone("2001:db8::/33").size() == 8);
  CHECK(keys_text("10.0.0.0/23:5353") ==
        "dns://0.0.10.in-addr.arpa.:5353 dns://1.0.10.in-addr.arpa.:5353");
}

TEST_CASE("key: errors") {
  const std::string label64(64, 'a');
  const std::string long_zone = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                                std::string(63, 'c') + "." + std::string(63, 'd') + "." + "e";
  const Case cases[] = {
      {"", "zone is not a valid domain name: "},
      {":53", "zone is not a valid domain name: "},
      {"a..b", "zone is not a valid domain name: a..b"},
      {".a", "zone is not a valid domain name: .a"},
      {label64, "zone is not a valid domain name: " + label64},
      {"a:", "expecting data after last colon: \"a:\""},
      {"dns://a:", "expecting data after last colon: \"a:\""},
      {"::1/64", "invalid CIDR ::1/64"},
      {"0.0.0.0/0", "invalid CIDR 0.0.0.0/0"},
      {"a:-1", "address -1: invalid port"},
      {"10.0.0.0/22:-1", "address -1: invalid port"},
      {"\\999.example", "zone is not a valid domain name: \\999.example"},
      {"a\\1.example", "zone is not a valid domain name: a\\1.example"},
      {"a:65536", "address 65536: invalid port"},
      {"a:99999999999999999999", "address 99999999999999999999: invalid port"},
      {long_zone, "specified zone is too long: " + std::to_string(long_zone.size()) + " > 255"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(error_of([&] { parse_key(key_token(c.text), 53); }) ==
          "Corefile:7 - Error during parsing: " + c.expected);
  }
}

TEST_CASE("key: names") {
  struct {
    const char* text;
    bool domain, preferred;
  } const cases[] = {{"example.org.", true, true},
                     {"_tcp.a-b.c1", true, true},
                     {"a\\.b.c", true, false},
                     {"a\\046b", true, false},
                     {"a\\", false, false},
                     {"\\256", false, false},
                     {"\\25", false, false},
                     {"b\xC3\xBC"
                      "cher",
                      true, false},
                     {"a..", false, true},
                     {".", true, true},
                     {"a b", true, false}};
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(is_domain_name(c.text) == c.domain);
    CHECK(is_preferred_name(c.text) == c.preferred);
  }
  CHECK(fully_qualified("") == ".");
  CHECK(fully_qualified("A.b") == "a.b.");
  CHECK(fully_qualified("a\\\\.") == "a\\\\.");
}

TEST_CASE("keys: two blocks may not serve the same") {
  const auto check = [](const std::string& text) {
    return error_of([&] {
      Config config = parse_text(text);
      check_keys(config, 53);
    });
  };
  CHECK(check("a {\nlog\n}\nb {\nlog\n}") == "");
  CHECK(check(". {\nlog\n}\n.:53 {\nlog\n}") ==
        "Corefile:4 - Error during parsing: cannot serve dns://.:53 - it is already defined");
  CHECK(check("a A {\nlog\n}") ==
        "Corefile:1 - Error during parsing: cannot serve dns://a.:53 - it is already defined");
  CHECK(check(". {\nlog\n}\n.:54 {\nlog\n}\ntls://. {\nlog\n}") == "");
  CHECK(check("10.0.0.0/23 {\nlog\n}\n1.0.10.in-addr.arpa {\nlog\n}") ==
        "Corefile:4 - Error during parsing: cannot serve dns://1.0.10.in-addr.arpa.:53 - it is "
        "already defined");
  CHECK(check(". {\nbind 127.0.0.1\n}\n. {\nbind 127.0.0.2\n}") == "");
  CHECK(check("a:+53 {\nlog\n}\na {\nlog\n}") ==
        "Corefile:4 - Error during parsing: cannot serve dns://a.:53 - it is already defined");
}

TEST_CASE("keys: listeners with addresses overlap the one without") {
  const Key root{"dns", ".", 53};
  const Token at = key_token(".");
  ListenTable table;
  table.add(root, "127.0.0.1", at);
  table.add(root, "127.0.0.2", at);
  table.add({"dns", "a.", 53}, "", at);
  CHECK(error_of([&] { table.add(root, "127.0.0.1", at); }) ==
        "Corefile:7 - Error during parsing: cannot serve dns://.:53 on 127.0.0.1 - it is already "
        "defined");
  CHECK(error_of([&] { table.add(root, "", at); }) ==
        "Corefile:7 - Error during parsing: cannot serve dns://.:53 - zone overlap listener "
        "capacity with dns://.:53 on "
        "127.0.0.2");
  CHECK(error_of([&] {
          table.add({"dns", "a.", 53}, "127.0.0.1", at);
        }) ==
        "Corefile:7 - Error during parsing: cannot serve dns://a.:53 on 127.0.0.1 - zone overlap "
        "listener capacity with "
        "dns://a.:53");
}

TEST_CASE("keys: the remark on an unusual name is CoreDNS's") {
  CHECK(odd_name("d*e.") == "Domain \"d*e.\" does not follow RFC1035 preferred syntax");
  CHECK(odd_name("a\\.b.") == "Domain \"a\\\\.b.\" does not follow RFC1035 preferred syntax");
}

TEST_CASE("keys: the zones of a block") {
  const Config config = parse_text("a.example B.example:54 tls://a.example {\nlog\n}");
  CHECK(zones_text(zones_of(parse_keys(config.blocks.at(0), 53))) == "a.example. b.example.");
}
