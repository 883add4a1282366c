#include "corefile/directives.h"

#include <doctest/doctest.h>

#include <iterator>
#include <string>

#include "test/unit/corefile/support.h"

using namespace fairlead::corefile;
using fairlead::corefile::testing::kDirectives;

TEST_CASE("directives: the order is that of the list") {
  for (size_t i = 0; i < std::size(kDirectives); ++i)
    CHECK(directive_order(kDirectives, kDirectives[i].name) == static_cast<int>(i));
  CHECK(directive_order(kDirectives, "nonsense") == -1);
  CHECK(directive_order(kDirectives, "") == -1);
  CHECK(directive_order({}, "log") == -1);
}

TEST_CASE("directives: the nearest name") {
  struct {
    const char* text;
    const char* expected;
  } const cases[] = {
      {"kubernets", "kubernetes"},
      {"foward", "forward"},
      {"cahce", "cache"},
      {"error", "errors"},
      {"Log", "log"},
      {"promethues", "prometheus"},
      {"loadbalancer", "loadbalance"},
      {"zzz", ""},
      {"", ""},
      {"q", ""},
      {"nosuchthing", ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(std::string(nearest_directive(kDirectives, c.text)) == c.expected);
  }
  CHECK(nearest_directive(kDirectives, std::string(100'000, 'k')).empty());
}
