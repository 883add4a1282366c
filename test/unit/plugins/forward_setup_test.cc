#include <doctest/doctest.h>

#include "plugins/forward/setup.h"
#include "plugins/forward/upstream.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::forward {
using namespace fairlead::plugins::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const auto kRun = [](auto& cursor, const auto& context) { return forward::parse(cursor, context); };

const std::map<std::string, std::string> kFiles = {
    {"/etc/resolv.conf",
     "# comment\nsearch a b\nnameserver 10.0.0.10\nnameserver\t2001:db8::1 \r\n nameserver "
     "fe80::1%eth0\n;nameserver 9.9.9.9\n"
     "nameserver\nnameserver nonsense\noptions ndots:5"},
    {"/empty.conf", "search a\n"},
    {"/folder/", ""},
};

std::vector<forward::Options> uses_of(const std::string& lines) {
  return with_directive("forward", lines, kRun, kFiles);
}
forward::Options options_of(const std::string& lines) {
  return uses_of(lines).at(0);
}
forward::Options with_option(const std::string& line) {
  return options_of("forward . 1.1.1.1 {\n" + line + "\n}");
}

std::string upstreams_of(const std::string& to) {
  std::string out;
  for (const auto& upstream : options_of("forward . " + to).upstreams) {
    out += upstream.transport == forward::Transport::Tls ? "tls:" : "";
    out += upstream.transport == forward::Transport::Https ? "https:" : "";
    out += upstream.host + (upstream.scope.empty() ? "" : "%" + upstream.scope) + "|" +
           std::to_string(upstream.port);
    out += upstream.server_name.empty() ? "" : "|" + upstream.server_name;
    out += upstream.is_name ? "|name " : " ";
  }
  return out;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("forward: defaults") {
  const forward::Options options = options_of("forward . 1.1.1.1");
  forward::Options expected;
  expected.from = {"."};
  expected.upstreams = {{forward::Transport::Dns, "1.1.1.1", "", 53, "", false}};
  CHECK(options == expected);
  CHECK(expected.settings.expire == seconds(10));
  CHECK(expected.settings.read_timeout == seconds(2));
  CHECK(expected.settings.max_fails == 2);
  CHECK(expected.settings.health_check == forward::HealthCheck{milliseconds(500), true, "."});
  CHECK(expected.settings.policy == forward::Policy::Random);
  CHECK(expected.settings.max_concurrent == 0);
  CHECK(expected.settings.max_connect_attempts == -1);
}

TEST_CASE("forward: which names") {
  CHECK(options_of("forward Example.ORG 1.1.1.1").from == Words{"example.org."});
  CHECK(options_of("forward 10.0.0.0/23 1.1.1.1").from ==
        Words{"0.0.10.in-addr.arpa.", "1.0.10.in-addr.arpa."});
  CHECK(options_of("forward . 1.1.1.1 {\nexcept A.b c\nexcept d\n}").except ==
        Words{"a.b.", "c.", "d."});
  const auto uses = uses_of("forward a 1.1.1.1\nforward b 2.2.2.2 {\nforce_tcp\n}");
  REQUIRE(uses.size() == 2);
  CHECK(uses[0].from == Words{"a."});
  CHECK_FALSE(uses[0].settings.force_tcp);
  CHECK(uses[1].settings.force_tcp);
}

TEST_CASE("forward: upstreams") {
  struct {
    const char* to;
    const char* expected;
  } const cases[] = {
      {"1.1.1.1 8.8.8.8:5353", "1.1.1.1|53 8.8.8.8|5353 "},
      {"2001:db8::1", "2001:db8::1|53 "},
      {"[2001:db8::1] [2001:db8::1]:54", "2001:db8::1|53 2001:db8::1|54 "},
      {"fe80::1%eth0 [fe80::1%eth0]:54", "fe80::1%eth0|53 fe80::1%eth0|54 "},
      {"dns://1.1.1.1", "1.1.1.1|53 "},
      {"tls://1.1.1.1 tls://1.1.1.1:8853", "tls:1.1.1.1|853 tls:1.1.1.1|8853 "},
      {"tls://9.9.9.9%dns.quad9.net", "tls:9.9.9.9|853|dns.quad9.net "},
      {"tls://9.9.9.9:8853%dns.quad9.net", "tls:9.9.9.9|8853|dns.quad9.net "},
      {"tls://9.9.9.9%dns.quad9.net:8853", "tls:9.9.9.9|8853|dns.quad9.net "},
      {"tls://2620:fe::fe%dns.quad9.net", "tls:2620:fe::fe|853|dns.quad9.net "},
      {"tls://2620:fe::fe%dns.quad9.net:8853", "tls:2620:fe::fe|8853|dns.quad9.net "},
      {"tls://[2620:fe::fe%dns.quad9.net]:8853", "tls:2620:fe::fe|8853|dns.quad9.net "},
      {"tls://[2620:fe::fe%dns.quad9.net]", "tls:2620:fe::fe|853|dns.quad9.net "},
      {"https://1.1.1.1 https://1.1.1.1:8443 tls://1.1.1.1",
       "https:1.1.1.1|443 https:1.1.1.1|8443 tls:1.1.1.1|853 "},
      {"https://[2620:fe::fe] https://2620:fe::fe https://[2620:fe::fe]:8443",
       "https:2620:fe::fe|443 https:2620:fe::fe|8443 "},
      {"https://9.9.9.9%dns.quad9.net https://[2620:fe::fe%dns.quad9.net]:8443",
       "https:9.9.9.9|443|dns.quad9.net https:2620:fe::fe|8443|dns.quad9.net "},
      {"https://dns.example https://dns.example:8443",
       "https:dns.example|443|name https:dns.example|8443|name "},
      {"localhost dns.example.", "localhost|53|name dns.example.|53|name "},
      {"dns.example dns.example:54 tls://dns.example",
       "dns.example|53|name dns.example|54|name tls:dns.example|853|name "},
      {"/etc/resolv.conf", "10.0.0.10|53 2001:db8::1|53 fe80::1%eth0|53 "},
      {"1.1.1.1 dns://1.1.1.1:53 1.1.1.1:54 tls://1.1.1.1 tls://1.1.1.1%a",
       "1.1.1.1|53 1.1.1.1|54 tls:1.1.1.1|853 tls:1.1.1.1|853|a "},
      {"tls://dns.example%name:8853", "tls:dns.example|8853|name|name "},
      {"/empty.conf 1.1.1.1", "1.1.1.1|53 "},
      {"127.0.0.53 [::1]", "127.0.0.53|53 ::1|53 "},
      {"/etc/resolv.conf 1.1.1.1 10.0.0.10",
       "10.0.0.10|53 2001:db8::1|53 fe80::1%eth0|53 1.1.1.1|53 "},
      {"tls:///etc/resolv.conf", "tls:10.0.0.10|853 tls:2001:db8::1|853 tls:fe80::1%eth0|853 "},
  };
  for (const auto& c : cases) {
    CAPTURE(c.to);
    CHECK(upstreams_of(c.to) == c.expected);
  }
}

TEST_CASE("forward: options in braces") {
  CHECK(with_option("force_tcp").settings.force_tcp);
  CHECK(with_option("prefer_udp").settings.prefer_udp);
  CHECK(with_option("policy round_robin").settings.policy == forward::Policy::RoundRobin);
  CHECK(with_option("policy fastest").settings.policy == forward::Policy::Fastest);
  CHECK(with_option("policy sequential").settings.policy == forward::Policy::Sequential);
  CHECK(with_option("expire 20s").settings.expire == seconds(20));
  CHECK(with_option("max_age 1h").settings.max_age == seconds(3600));
  CHECK(with_option("max_idle_conns 5").settings.max_idle_connections == 5);
  CHECK(with_option("read_timeout 500ms").settings.read_timeout == milliseconds(500));
  CHECK(with_option("max_fails 0").settings.max_fails == 0);
  CHECK(with_option("health_check 5s").settings.health_check ==
        forward::HealthCheck{seconds(5), true, "."});
  CHECK(with_option("health_check 5s no_rec domain Example.org").settings.health_check ==
        forward::HealthCheck{seconds(5), false, "example.org."});
  CHECK(with_option("max_connect_attempts 0").settings.max_connect_attempts == 0);
  CHECK(with_option("failfast_all_unhealthy_upstreams").settings.fail_fast_all_unhealthy);
  CHECK(with_option("max_concurrent 1000").settings.max_concurrent == 1000);
  CHECK(with_option("failover ServFail").settings.failover == std::vector<uint16_t>{2});
  CHECK(with_option("tls").settings.tls == forward::TlsSettings{"", "", ""});
  CHECK(with_option("tls ca").settings.tls == forward::TlsSettings{"", "", "ca"});
  CHECK(with_option("tls cert key").settings.tls == forward::TlsSettings{"cert", "key", ""});
  const auto tls = with_option("tls_servername a.b\ntls cert key ca");
  CHECK(tls.settings.tls == forward::TlsSettings{"cert", "key", "ca"});
  CHECK(tls.tls_server_name == "a.b");
  CHECK(with_option("doh_method GET").settings.doh_get);
  CHECK_FALSE(with_option("doh_method POST").settings.doh_get);
  CHECK(with_option("source_address 10.0.0.1").settings.source_address ==
        fairlead::dns::IpAddress::from_text("10.0.0.1"));
  CHECK(with_option("failover NotImpl BADCOOKIE").settings.failover ==
        std::vector<uint16_t>{4, 23});
  const auto resolvers = with_option("resolver 10.0.0.1 [::1]:55").resolvers;
  REQUIRE(resolvers.size() == 2);
  CHECK(to_text(resolvers[0]) == "10.0.0.1:53");
  CHECK(to_text(resolvers[1]) == "[::1]:55");
  const std::pair<const char*, const char*> cases[] = {{"10.0.0.1", "10.0.0.1:53"},
                                                       {"10.0.0.1:54", "10.0.0.1:54"},
                                                       {"::1", "[::1]:53"},
                                                       {"[::1]", "[::1]:53"},
                                                       {"[::1]:55", "[::1]:55"}};
  for (const auto& [text, server] : cases) {
    const auto resolver = forward::parse_resolver(text);
    REQUIRE(resolver);
    CHECK(to_text(*resolver) == server);
  }
}

TEST_CASE("forward: options in one line") {
  const auto options = options_of("forward . 1.1.1.1 { max_fails 3 expire 20s policy sequential }");
  CHECK(options.settings.max_fails == 3);
  CHECK(options.settings.expire == seconds(20));
  CHECK(options.settings.policy == forward::Policy::Sequential);
  const auto uses = uses_of("forward a. 1.1.1.1 { except b.a. }\nforward . 1.1.1.2 { force_tcp }");
  REQUIRE(uses.size() == 2);
  CHECK(uses[0].except == Words{"b.a."});
  CHECK(uses[1].settings.force_tcp);
}

TEST_CASE("forward: lines of a resolv.conf that are passed over are told") {
  const auto run = [](auto& cursor, const auto& context) {
    forward::parse(cursor, context);
    return cursor.warnings();
  };
  CHECK(with_directive("forward", "forward . /etc/resolv.conf", run, kFiles) ==
        Words{"/etc/resolv.conf:7: 'nameserver' without an address, the line is passed over",
              "/etc/resolv.conf:8: 'nonsense' is not an IP address, the line is passed over"});
  CHECK(with_directive(
            "forward", "forward . /typos", run,
            {{"/typos", "nameserver 10.0.0.1\nNameserver 10.0.0.2\nnameservers\x01 x\n"}}) ==
        Words{"/typos:2: unknown keyword 'Nameserver', the line is passed over",
              "/typos:3: unknown keyword 'nameservers?', the line is passed over"});
  std::string many = "nameserver 10.0.0.1\n";
  for (int i = 0; i < 1000; ++i) many += "x\n";
  CHECK(with_directive("forward", "forward . /many", run, {{"/many", many}}).size() == 20);
}

TEST_CASE("forward: only another forward can be the next one") {
  const std::string options = " {\nnext NXDOMAIN refused\nnext_on_nodata\n}\n";
  const auto uses = uses_of("forward . 1.1.1.1" + options + "forward . 2.2.2.2" + options);
  REQUIRE(uses.size() == 2);
  CHECK(uses[0].next == std::vector<uint16_t>{3, 5});
  CHECK(uses[0].next_on_nodata);
  CHECK(uses[1].next.empty());
  CHECK_FALSE(uses[1].next_on_nodata);
}

TEST_CASE("forward: mistakes outside of braces") {
  std::string sixteen = "forward .";
  for (int i = 0; i < 16; ++i) sixteen += " 10.0.0." + std::to_string(i);
  const BadLine cases[] = {
      {"forward", arguments_after(2, "forward")},
      {"forward {\nforce_tcp\n}", parsing(2, "Unexpected token '{', expecting argument")},
      {"forward .", arguments_after(2, ".")},
      {"forward a..b 1.1.1.1", parsing(2, "unable to normalize 'a..b'")},
      {"forward . /etc/none",
       parsing(2, "not an IP address, file, or valid domain: \"/etc/none\"")},
      {"forward . 1.1.1.1:0",
       parsing(2, "not an IP address, file, or valid domain: \"1.1.1.1:0\"")},
      {"forward . 1.1.1.1:99999",
       parsing(2, "not an IP address, file, or valid domain: \"1.1.1.1:99999\"")},
      {"forward . 300.1.1.1",
       parsing(2, "not an IP address, file, or valid domain: \"300.1.1.1\"")},
      {"forward . 1.1.1", parsing(2, "not an IP address, file, or valid domain: \"1.1.1\"")},
      {"forward . [::1", parsing(2, "not an IP address, file, or valid domain: \"[::1\"")},
      {"forward . [::1]53", parsing(2, "not an IP address, file, or valid domain: \"[::1]53\"")},
      {"forward . \"\"", parsing(2, "not an IP address, file, or valid domain: \"\"")},
      {"forward . a..b", parsing(2, "not an IP address, file, or valid domain: \"a..b\"")},
      {"forward . 1.1.1.1%", parsing(2, "not an IP address, file, or valid domain: \"1.1.1.1%\"")},
      {"forward . .", parsing(2, "not an IP address, file, or valid domain: \".\"")},
      {"forward . /folder", parsing(2, "could not read /folder: is a directory")},
      {"forward . /empty.conf", parsing(2, "no valid upstream addresses found")},
      {"forward . 1.1.1.1 https://dns.example/dns-query",
       parsing(2,
               "paths are not allowed in HTTPS upstream addresses (the /dns-query path is used by "
               "default): https://dns.example/dns-query")},
      {"forward . https://1.1.1.1/",
       parsing(2,
               "paths are not allowed in HTTPS upstream addresses (the /dns-query path is used by "
               "default): https://1.1.1.1/")},
      {"forward . https://1.1.1",
       parsing(2, "not an IP address, file, or valid domain: \"https://1.1.1\"")},
      {"forward . https://", parsing(2, "not an IP address, file, or valid domain: \"https://\"")},
      {"forward . HTTPS://1.1.1.1",
       parsing(2,
               "'HTTPS' is not supported as a destination protocol in forward: HTTPS://1.1.1.1")},
      {"forward . quic://1.1.1.1",
       parsing(2,
               "'quic' is not supported yet as a destination protocol in forward: quic://1.1.1.1; "
               "docs/migrate.md says what to do")},
      {"forward . 1.1.1.1 grpc://1.1.1.1",
       parsing(2,
               "'grpc' is not supported yet as a destination protocol in forward: grpc://1.1.1.1; "
               "docs/migrate.md says what to do")},
      {"forward . nonsense://1.1.1.1",
       parsing(2,
               "'nonsense' is not supported as a destination protocol in forward: "
               "nonsense://1.1.1.1")},
      {"forward . tls://1.1.1.1%:853",
       parsing(2, "not an IP address, file, or valid domain: \"tls://1.1.1.1%:853\"")},
      {"forward . tls://1.1.1.1:853%a:853",
       parsing(2, "not an IP address, file, or valid domain: \"tls://1.1.1.1:853%a:853\"")},
      {"forward . tls://1.1.1.1%a {\ntls_servername b\n}",
       parsing(
           4,
           "both forward ('b') and proxy level ('a') TLS servernames are set for upstream proxy "
           "'tls://1.1.1.1:853'")},
      {"forward . 1.1.1.1\nforward . a..b",
       parsing(3, "not an IP address, file, or valid domain: \"a..b\"")},
      {sixteen, parsing(2, "more than 15 TOs configured: 16")},
  };
  check_mistakes("forward", cases, kRun, kFiles);
}

TEST_CASE("forward: mistakes in options") {
  const BadLine cases[] = {
      {"except", arguments_after(3, "except")},
      {"except a..b", parsing(3, "zone is not a valid domain name: a..b")},
      {"force_tcp x", arguments_after(3, "x")},
      {"prefer_udp x", arguments_after(3, "x")},
      {"policy", arguments_after(3, "policy")},
      {"policy best", parsing(3, "unknown policy 'best'")},
      {"expire", arguments_after(3, "expire")},
      {"expire x", parsing(3, "time: invalid duration \"x\"")},
      {"expire -10s", parsing(3, "expire can't be negative: -10s")},
      {"max_age 5s", parsing(4, "max_age (5s) must not be less than expire (10s)")},
      {"max_age -5s", parsing(3, "max_age can't be negative: -5s")},
      {"max_idle_conns -1", parsing(3, "max_idle_conns can't be negative: -1")},
      {"max_idle_conns", arguments_after(3, "max_idle_conns")},
      {"max_idle_conns x", parsing(3, "strconv.Atoi: parsing \"x\": invalid syntax")},
      {"max_age", arguments_after(3, "max_age")},
      {"read_timeout", arguments_after(3, "read_timeout")},
      {"read_timeout 2", parsing(3, "time: missing unit in duration \"2\"")},
      {"read_timeout -1s", parsing(3, "read_timeout must be positive: -1s")},
      {"read_timeout 0", parsing(3, "read_timeout must be positive: 0s")},
      {"max_fails", arguments_after(3, "max_fails")},
      {"max_fails 2 3", parsing(3, "unknown property '3'")},
      {"max_fails -1", parsing(3, "strconv.ParseUint: parsing \"-1\": invalid syntax")},
      {"max_fails 4294967296",
       parsing(3, "strconv.ParseUint: parsing \"4294967296\": value out of range")},
      {"health_check", arguments_after(3, "health_check")},
      {"health_check -1s", parsing(3, "health_check can't be negative: -1s")},
      {"health_check 1s domain", arguments_after(3, "domain")},
      {"health_check 1s domain a..b", parsing(3, "health_check: invalid domain name a..b")},
      {"health_check 1s x", parsing(3, "health_check: unknown option x")},
      {"max_connect_attempts", arguments_after(3, "max_connect_attempts")},
      {"max_connect_attempts -1", parsing(3, "strconv.ParseUint: parsing \"-1\": invalid syntax")},
      {"health_check x", parsing(3, "time: invalid duration \"x\"")},
      {"max_concurrent", arguments_after(3, "max_concurrent")},
      {"failover", arguments_after(3, "failover")},
      {"failover BOGUS", parsing(3, "BOGUS is not a valid rcode")},
      {"doh_method", arguments_after(3, "doh_method")},
      {"source_address", arguments_after(3, "source_address")},
      {"failfast_all_unhealthy_upstreams x", arguments_after(3, "x")},
      {"max_concurrent x", parsing(3, "strconv.Atoi: parsing \"x\": invalid syntax")},
      {"max_concurrent -1", parsing(3, "max_concurrent can't be negative: -1")},
      {"next", arguments_after(3, "next")},
      {"next BOGUS", parsing(3, "BOGUS is not a valid rcode")},
      {"next_on_nodata x", arguments_after(3, "x")},
      {"failover NOERROR", parsing(3, "NoError cannot be used in failover")},
      {"tls a b c d", arguments_after(3, "d")},
      {"tls_servername", arguments_after(3, "tls_servername")},
      {"doh_method PUT", parsing(3, "doh_method must be either POST or GET")},
      {"source_address eth0", parsing(3, "invalid IP address: eth0")},
      {"resolver", arguments_after(3, "resolver")},
      {"resolver a", parsing(3, "resolver must be an IP address or IP:port: \"a\"")},
      {"resolver 1.1.1.1:x",
       parsing(3, "resolver must be an IP address or IP:port: \"1.1.1.1:x\"")},
      {"other", parsing(3, "unknown property 'other'")},
  };
  for (const BadLine& c : cases) {
    CAPTURE(c.lines);
    CHECK(setup_error("forward", "forward . 1.1.1.1 {\n" + c.lines + "\n}", kRun) == c.expected);
  }
}

}  // namespace fairlead::plugins::forward
