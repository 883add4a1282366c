#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "plugins/metadata/setup.h"
#include "plugins/view/setup.h"
#include "test/unit/plugins/setup_support.h"

using namespace fairlead;
using namespace fairlead::plugins;
using namespace fairlead::plugins::testing;

namespace {

using Words = std::vector<std::string>;

const auto kView = [](auto& cursor, const auto&) { return view::parse(cursor); };
const auto kMetadata = [](auto& cursor, const auto& context) {
  return metadata::parse(cursor, context);
};
const auto kWarnings = [](auto& cursor, const auto&) {
  (void)view::parse(cursor);
  return Words(cursor.warnings());
};

std::string view_of(const std::string& expression) {
  return "view v {\nexpr " + expression + "\n}";
}

}  // namespace

TEST_CASE("view: name and expressions") {
  const auto plain = with_directive("view", "view v", kView);
  CHECK(plain.name == "v");
  CHECK(plain.conditions.empty());
  const auto two = with_directive("view", "view v {\nexpr do()\nexpr type()   ==  'A'\n}", kView);
  REQUIRE(two.conditions.size() == 2);
  CHECK(two.conditions[1].text() == "type() == 'A'");
}

TEST_CASE("view: quotes of the Corefile belong to the expression where it means nothing without") {
  const auto text_of = [](const std::string& expression) {
    return with_directive("view", view_of(expression), kView).conditions.at(0).text();
  };
  CHECK(text_of("\"any(['a'], # == 'a')\"") == "any(['a'], # == 'a')");
  CHECK(text_of("client_ip() == \"10.0.0.1\"") == "client_ip() == \"10.0.0.1\"");
  CHECK(text_of("incidr(client_ip(), \"10.0.0.0/8\")") == "incidr(client_ip(), \"10.0.0.0/8\" )");
}

TEST_CASE("view: mistakes") {
  const BadLine cases[] = {
      {"view", arguments_after(2, "view")},
      {"view a b", arguments_after(2, "b")},
      {"view a\nview b", "3" + kOnce},
      {"view a {\nfoo\n}", parsing(3, "unknown property 'foo'")},
      {"view a {\nexpr\n}", parsing(3, "unexpected token EOF")},
      {view_of("foo"), parsing(3, "unknown name foo (1:1)\n | foo\n | ^")},
  };
  check_mistakes("view", cases, kView);
}

TEST_CASE("view: what can never be true is a warning") {
  const auto warnings = [](const std::string& expression) {
    return with_directive("view", view_of(expression), kWarnings);
  };
  CHECK(warnings("do()").empty());
  CHECK(warnings("first([true])").empty());  // told only later
  CHECK(warnings("1 + 1") ==
        Words{"the expression `1 + 1` is never true: it is of type int, not bool"});
  CHECK(warnings("client_ip() == '10.0.0.0/8'") ==
        Words{"\"10.0.0.0/8\" is no address: client_ip() never equals it"});
}

TEST_CASE("metadata: zones, and mistakes") {
  const auto zones = [](const std::string& lines) {
    return with_directive("metadata", lines, kMetadata).zones;
  };
  CHECK(zones("metadata") == Words{"example.org."});
  CHECK(zones("metadata a B.c") == Words{"a.", "b.c."});
  const BadLine cases[] = {
      {"metadata a\nmetadata", arguments_after(3, "metadata")},
      {"metadata {\nx\n}", arguments_after(3, "x")},
  };
  check_mistakes("metadata", cases, kMetadata);
}
