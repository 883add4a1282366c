#include <doctest/doctest.h>

#include "plugins/local/setup.h"
#include "test/unit/plugins/served.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::local {
using namespace fairlead::plugins::testing;

namespace {

const auto kParse = [](auto& cursor, const auto&) { return plugins::local::parse(cursor); };

query::Turn passes_all(query::Walk& walk) {
  walk.answer().recursion_available = true;
  return query::Turn::Done;
}

#define SOA " 604800 SOA localhost. root.localhost. * 0 0 0 604800"

}  // namespace

TEST_CASE("local: options and mistakes") {
  const auto prefix_of = [](const std::string& lines) {
    return with_directive("local", lines, kParse).prefix;
  };
  CHECK(prefix_of("local"));
  CHECK(prefix_of("local {\nlocalhost_prefix on\n}"));
  CHECK_FALSE(prefix_of("local {\nlocalhost_prefix off\n}"));
  const BadLine cases[] = {
      {"local a", arguments_after(2, "a")},
      {"local {\nx\n}", parsing(3, "unknown property 'x'")},
      {"local {\nlocalhost_prefix\n}", arguments_after(3, "localhost_prefix")},
      {"local {\nlocalhost_prefix on off\n}", arguments_after(3, "off")},
      {"local {\nlocalhost_prefix yes\n}",
       parsing(3, "localhost_prefix expects 'on' or 'off', got \"yes\"")},
  };
  check_mistakes("local", cases, kParse);
}

TEST_CASE("local: localhost and what is like it") {
  Served served("local", passes_all);
  check(served,
        {
            {"localhost. A", "NOERROR rd; answer localhost. 604800 A 127.0.0.1"},
            {"LocalHost. AAAA nord", "NOERROR; answer LocalHost. 604800 AAAA ::1"},
            {"localhost. NS", "NOERROR rd; answer localhost. 604800 NS localhost."},
            {"localhost. SOA", "NOERROR rd; answer localhost." SOA},
            {"localhost. TXT", "NOERROR rd; authority localhost." SOA},
            {"localhost. ANY", "NOERROR rd; authority localhost." SOA},
            {"a.localhost. A", "NOERROR rd; answer a.localhost. 604800 A 127.0.0.1"},
            {"a.b.Localhost. AAAA", "NOERROR rd; answer a.b.Localhost. 604800 AAAA ::1"},
            {"a.localhost. MX", "NOERROR rd; authority a.localhost." SOA},
            {"localhost.example.org. A",
             "NOERROR rd; answer localhost.example.org. 604800 A 127.0.0.1"},
            {"localhost.example.org. TXT", "NOERROR rd; authority localhost.example.org." SOA},
            {"localhostx.example.org. A", "NOERROR rd ra"},
            {"a.localhost.example.org. A", "NOERROR rd ra"},
            {"xlocalhost. A", "NOERROR rd ra"},
            {". NS", "NOERROR rd ra"},
            {"localhost. A edns=1232,do",
             "NOERROR rd; edns version=0 size=1232 do; answer localhost. 604800 A 127.0.0.1"},
        });
}

TEST_CASE("local: without localhost_prefix only what is below localhost is like it") {
  Served served("local {\nlocalhost_prefix off\n}", passes_all);
  check(served, {
                    {"localhost.example.org. A", "NOERROR rd ra"},
                    {"a.localhost. A", "NOERROR rd; answer a.localhost. 604800 A 127.0.0.1"},
                    {"localhost.localhost. A",
                     "NOERROR rd; answer localhost.localhost. 604800 A 127.0.0.1"},
                    {"localhost. A", "NOERROR rd; answer localhost. 604800 A 127.0.0.1"},
                });
}

TEST_CASE("local: reverse names") {
  Served served("local", passes_all);
  check(served,
        {
            {"1.0.0.127.in-addr.arpa. PTR",
             "NOERROR rd; answer 1.0.0.127.in-addr.arpa. 604800 PTR localhost."},
            {"1.0.0.127.in-addr.arpa. A", "NOERROR rd; authority 127.in-addr.arpa." SOA},
            {"2.0.0.127.in-addr.arpa. PTR", "NXDOMAIN rd; authority 127.in-addr.arpa." SOA},
            {"127.in-addr.arpa. SOA", "NOERROR rd; answer 127.in-addr.arpa." SOA},
            {"127.in-addr.arpa. NS", "NOERROR rd; answer 127.in-addr.arpa. 604800 NS localhost."},
            {"127.in-addr.arpa. A", "NOERROR rd; authority 127.in-addr.arpa." SOA},
            {"127.in-addr.arpa. PTR", "NOERROR rd; authority 127.in-addr.arpa." SOA},
            {"X.255.in-addr.ARPA. PTR", "NXDOMAIN rd; authority 255.in-addr.ARPA." SOA},
            {"0.in-addr.arpa. TXT", "NOERROR rd; authority 0.in-addr.arpa." SOA},
            {"128.in-addr.arpa. SOA", "NOERROR rd ra"},
            {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa. PTR",
             "NOERROR rd ra"},
        });
}

TEST_CASE("local: a class that chaos lets in is answered as IN") {
  Served served("local\nchaos");
  CHECK(served.ask("localhost. A class=CH") == "NOERROR rd; answer localhost. 604800 A 127.0.0.1");
}

TEST_CASE("local: names that are like localhost are counted, and told when debugging") {
  Served served("local\nprometheus localhost:0", {}, {}, true);
  for (const char* const name :
       {"x.LOCALHOST. A", "localhost.a\\010. TXT", "localhost. A", "127.in-addr.arpa. SOA"})
    served.ask(name);
  CHECK(served.scrape().find("\ncoredns_local_localhost_requests_total 2\n") != std::string::npos);
  REQUIRE(served.log().flush(std::chrono::milliseconds(60000)));
  CHECK(
      served.log_pipe().now() ==
      "[DEBUG] plugin/local: Intercepting localhost query for \"x.localhost.\" A, from 127.0.0.1\n"
      "[DEBUG] plugin/local: Intercepting localhost query for \"localhost.a\\010.\" TXT, from "
      "127.0.0.1\n");

  Served quiet("local\nprometheus localhost:0");
  CHECK(quiet.scrape().find("\ncoredns_local_localhost_requests_total 0\n") != std::string::npos);
}

}  // namespace fairlead::plugins::local
