#include <doctest/doctest.h>

#include "plugins/forward/alternate.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::alternate {
using namespace fairlead::plugins::testing;

TEST_CASE("alternate: lines and mistakes") {
  const auto read = [](auto& cursor, const auto& context) { return parse(cursor, context); };
  const auto lines_of = [&](const std::string& lines) {
    return with_directive("alternate", lines, read);
  };
  const auto lines = lines_of(
      "alternate NXDOMAIN . 192.0.2.1 192.0.2.2:5353\nalternate original servfail,REFUSED,SERVFAIL "
      "example.org 192.0.2.3");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].rcodes == std::vector<uint16_t>{3});
  CHECK(lines[0].upstreams.size() == 2);
  CHECK(lines[0].upstreams[1].port == 5353);
  CHECK(lines[1].rcodes == std::vector<uint16_t>{2, 5});
  CHECK(lines[1].from == std::vector<std::string>{"example.org."});
  const BadLine cases[] = {
      {"alternate", arguments_after(2, "alternate")},
      {"alternate original", arguments_after(2, "original")},
      {"alternate NXDOMAIN", arguments_after(2, "NXDOMAIN")},
      {"alternate NXDOMAIN .", arguments_after(2, ".")},
      {"alternate FOO . 192.0.2.1", parsing(2, "FOO is not a valid rcode")},
      {"alternate NXDOMAIN, . 192.0.2.1", parsing(2, " is not a valid rcode")},
      {"alternate NXDOMAIN . tls://192.0.2.1", parsing(2, "only dns transport allowed")},
      {"alternate NXDOMAIN . 192.0.2.1 {\npolicy random\n}",
       parsing(3, "additional parameters not allowed")},
      {"alternate NXDOMAIN . 192.0.2.1\nalternate SERVFAIL,NXDOMAIN . 192.0.2.2",
       parsing(3, "rcode 'NXDOMAIN' is specified more than once")},
  };
  check_mistakes("alternate", cases, read);
}

}  // namespace fairlead::plugins::alternate
