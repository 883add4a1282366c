#include "corefile/directives.h"

#include <doctest/doctest.h>

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

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

TEST_CASE("directives: the nearest of any names") {
  const std::string_view names[] = {"web", "web-api", "kube-dns", "db"};
  const std::pair<const char*, const char*> cases[] = {{"wbe", "web"},
                                                       {"web-ap", "web-api"},
                                                       {"kubedns", "kube-dns"},
                                                       {"dB", "db"},
                                                       {"db", "db"},
                                                       {"xy", ""},
                                                       {"", ""},
                                                       {"web-api-2", "web-api"},
                                                       {"mail", ""}};
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(std::string(nearest_name(names, text)) == expected);
  }
  CHECK(nearest_name({}, "web").empty());
  CHECK(nearest_name(names, std::string(65, 'w')).empty());
  CHECK(did_you_mean("web") == " (did you mean 'web'?)");
  CHECK(did_you_mean("").empty());
}
