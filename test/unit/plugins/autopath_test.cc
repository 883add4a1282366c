// Search lists, and the names that are made with them.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "plugins/autopath/search_path.h"
#include "plugins/autopath/setup.h"

namespace fairlead::plugins::autopath {
namespace {

std::vector<std::string> texts(const std::vector<dns::Name>& names) {
  std::vector<std::string> all;
  all.reserve(names.size());
  for (const dns::Name& name : names) all.push_back(dns::to_text(name.view()));
  return all;
}

std::vector<dns::Name> names(const std::vector<std::string>& texts) {
  std::vector<dns::Name> all;
  for (const std::string& text : texts) all.push_back(*dns::Name::from_text(text));
  return all;
}

dns::Query question_of(const dns::Name& name) {
  dns::Query query;
  query.set_name(name.view());
  return query;
}

/// All names that are tried, "" for those that are passed over.
std::vector<std::string> tried(const SearchPath& path, const dns::Query& question) {
  std::vector<std::string> all;
  for (size_t number = 0; const auto name = name_of(path, question, number); ++number)
    all.push_back(name->size() > 1 ? dns::to_text(name->view()) : "");
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("autopath: the last search list of a resolv.conf holds") {
  const struct {
    const char* text;
    Texts list;
    Texts wrong;
  } rows[] = {
      {"", {}, {}},
      {"nameserver 10.0.0.1\noptions ndots:5\n", {}, {}},
      {"search A.test b.test.\n", {"a.test.", "b.test."}, {}},
      {"search a.test\n  search\tb.test \r\n", {"b.test."}, {}},
      {"search a.test\nsearch\n", {}, {}},
      {"domain a.test b.test\n", {"a.test."}, {}},
      {"search a.test b.test\ndomain c.test", {"c.test."}, {}},
      {"#search a.test\n;search b.test\nsearching c.test\n", {}, {}},
      {"search . a..b x.test", {"x.test."}, {"a..b"}},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    Texts wrong;
    CHECK(texts(read_search_list(row.text, wrong)) == row.list);
    CHECK(wrong == row.wrong);
  }
}

TEST_CASE("autopath: names in a client's own domains, in this machine's, and alone") {
  const auto rest = names({"lan", "corp.test"});
  const dns::Name name = *dns::Name::from_text("Www.Foo.NS.svc.Cluster.Local");
  const dns::Query question = question_of(name);
  CHECK(tried({.in_front = 2, .own = 3, .rest = rest}, question) ==
        Texts{"Www.Foo.ns.svc.cluster.local.", "Www.Foo.svc.cluster.local.",
              "Www.Foo.cluster.local.", "Www.Foo.lan.", "Www.Foo.corp.test.", "Www.Foo."});
  const dns::Name short_name = *dns::Name::from_text("a.ns.svc");
  CHECK(tried({.in_front = 1, .own = 3, .rest = {}}, question_of(short_name)) ==
        Texts{"a.ns.svc.", "a.svc.", "", "a."});
}

TEST_CASE("autopath: what would be too long is passed over, and the number of domains is bounded") {
  const std::string label(63, 'x');
  const dns::Name name = *dns::Name::from_text(label + "." + label + "." + label + ".a");
  const auto longer = names({"a", label + ".b", "c"});
  CHECK(tried({.in_front = 3, .own = 1, .rest = std::span(longer).subspan(1)}, question_of(name)) ==
        Texts{dns::to_text(name.view()), "", label + "." + label + "." + label + ".c.",
              label + "." + label + "." + label + "."});
  const std::vector<dns::Name> many(100, *dns::Name::from_text("b"));
  const dns::Name first = *dns::Name::from_text("x.a");
  CHECK(tried({.in_front = 1, .own = 1, .rest = many}, question_of(first)).size() ==
        kMostTried + 1);
}

TEST_CASE("autopath: only names below the first domain of a list") {
  const auto list = names({"s1.test", "s2.test"});
  const auto in_front = [&](const char* text) -> size_t {
    const dns::Name name = *dns::Name::from_text(text);
    const auto path = path_in(list, question_of(name));
    return path ? path->in_front : 0;
  };
  CHECK(in_front("a.S1.test") == 1);
  CHECK(in_front("a.b.c.s1.test") == 3);
  CHECK(in_front("s1.test") == 0);
  CHECK(in_front("as1.test") == 0);
  CHECK(in_front("a.s2.test") == 0);
  CHECK_FALSE(path_in({}, question_of(list[0])));
}

}  // namespace fairlead::plugins::autopath
