#include "plugins/rewrite/unreachable.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "plugins/rewrite/setup.h"
#include "test/unit/plugins/setup_support.h"

using namespace fairlead;
using namespace fairlead::plugins::rewrite;
using namespace fairlead::plugins::testing;

namespace {

// The warnings about two rules, or about more that are joined by a line's end.
size_t warnings(const std::string& first, const std::string& second) {
  const auto rules = with_directive("rewrite", "rewrite " + first + "\nrewrite " + second,
                                    [](auto& cursor, const auto&) { return parse(cursor); });
  return warnings_about(rules).size();
}

}  // namespace

TEST_CASE("rewrite: rules that no question reaches") {
  const std::pair<const char*, const char*> cases[] = {
      {"name suffix .test b", "name exact a.test b"},
      {"name suffix .test b", "name suffix .a.test b"},
      {"name suffix .test b", "ttl suffix .test 5"},
      {"name prefix a. b.", "name prefix a. c."},
      {"name prefix a. b.", "name exact a.test b"},
      {"name substring a. b.", "name suffix .a.test b"},
      {"name regex (.*) b", "name exact a.test b"},
      {"name regex ^a$ b", "name regex ^a$ c"},
      {"name suffix . b", "type A AAAA"},
      {"ttl suffix .test 5", "name exact a.test b"},
      {"type A AAAA", "type A MX"},
      {"class CH IN", "class CH HS"},
      {"cname exact a b", "name exact a.test b"},
      {"edns0 nsid set", "name exact a.test b"},
      {"edns0 local unset 1", "name exact a.test b"},
      {"edns0 subnet set 24 56", "continue name exact a.test b"},
  };
  for (const auto& [first, second] : cases) {
    CAPTURE(first);
    CAPTURE(second);
    CHECK(warnings(first, second) == 1);
    CHECK(warnings(std::string("continue ") + first, second) == 0);
  }
}

TEST_CASE("rewrite: rules that some question reaches") {
  const std::pair<const char*, const char*> cases[] = {
      {"name exact a.test b", "name suffix .test b"},
      {"name suffix .a.test b", "name suffix .test b"},
      {"name suffix .test b", "name prefix a b"},
      {"name suffix .test b", "type A AAAA"},
      {"type A AAAA", "type AAAA A"},
      {"type A AAAA", "name exact a b"},
      {"edns0 local replace 1 x", "name exact a.test b"},
      {"edns0 local set 1 {view/name}", "name exact a.test b"},
      {"name regex ^a$ {view/name} metadata", "name regex ^a$ b"},
      // What a rule in between makes of a name may be one for the second.
      {"name exact a b", "continue name exact c a\nrewrite name exact a b"},
  };
  for (const auto& [first, second] : cases) {
    CAPTURE(first);
    CAPTURE(second);
    CHECK(warnings(first, second) == 0);
  }
}

TEST_CASE("rewrite: a suffix of targets without a last dot") {
  CHECK(warnings("continue cname suffix .test .org", "continue cname suffix .test. .org.") == 1);
}
