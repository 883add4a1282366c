#include "corefile/directives.h"

#include <doctest/doctest.h>

#include <string>

using namespace fairlead::corefile;

TEST_CASE("directives: the order is the one of CoreDNS's plugin list") {
  const char* const in_order[] = {"reload",     "bufsize",    "bind", "ready",       "health",
                                  "prometheus", "errors",     "log",  "loadbalance", "cache",
                                  "hosts",      "kubernetes", "loop", "forward",     "whoami"};
  int last = -1;
  for (const char* name : in_order) {
    CAPTURE(name);
    const int order = directive_order(name);
    CHECK(order > last);
    last = order;
    CHECK(directive_names()[static_cast<size_t>(order)].supported);
  }
  CHECK(directive_order("nonsense") == -1);
  CHECK(directive_order("") == -1);
}

TEST_CASE("directives: a name is listed once") {
  const auto names = directive_names();
  for (size_t i = 0; i < names.size(); ++i)
    CHECK(directive_order(names[i].name) == static_cast<int>(i));
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
    CHECK(std::string(nearest_directive(c.text)) == c.expected);
  }
  CHECK(nearest_directive(std::string(100'000, 'k')).empty());
}
