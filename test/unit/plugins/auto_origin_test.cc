#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "plugins/auto/origin.h"

namespace fairlead::plugins::auto_ {
namespace {

std::string origin(const OriginPattern& pattern, const std::string& file) {
  const auto name = pattern.origin_of(file);
  return name ? dns::to_text(name->view()) : "-";
}

TEST_CASE("auto: which zone a file holds") {
  const struct {
    const char* pattern;
    const char* text;
    const char* file;
    const char* zone;
  } cases[] = {
      {"db\\.(.*)", "{1}", "db.Example.org", "example.org."},
      {"db\\.(.*)", "{1}", "old-db.example.org", "example.org."},
      {"db\\.(.*)", "${1}", "db.example.org", "example.org."},
      {"db\\.(.*)", "$1", "db.example.org", "example.org."},
      {"db\\.(.*)", "{1}", "db.", "-"},
      {"db\\.(.*)", "{1}", "db.a..b", "-"},
      {"db\\.(.*)", "{1}", "example.org", "-"},
      {"(.*)\\.zone", "{1}", "example.org.zone", "example.org."},
      {"(?P<name>.*)\\.(zone)", "{name}.$2", "a.zone", "a.zone."},
      {"(.*)\\.(a|(b))", "{1}.{3}x", "one.a", "one.x."},
      {"(.*)", "{2}{nobody}x", "one", "x."},
      {"(.*)", "{1", "one", "{1."},
      {"(.*)", "a$$b", "one", "a$b."},
  };
  for (const auto& one : cases) {
    CAPTURE(one.pattern);
    CAPTURE(one.text);
    CHECK(origin(OriginPattern(one.pattern, one.text), one.file) == one.zone);
  }
  CHECK(origin(OriginPattern(), "db.example.org") == "example.org.");
}

TEST_CASE("auto: expressions that cannot be used") {
  CHECK_THROWS_WITH_AS(OriginPattern("(", "x"), "error parsing regexp: missing closing ): `(`",
                       std::invalid_argument);
  CHECK_THROWS_AS(OriginPattern("x", "x"), std::invalid_argument);
  CHECK_THROWS_AS(OriginPattern(std::string(10'001, 'x'), "x"), std::invalid_argument);
}

}  // namespace
}  // namespace fairlead::plugins::auto_
