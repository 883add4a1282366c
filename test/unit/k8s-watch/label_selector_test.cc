#include "k8s-watch/label_selector.h"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>
#include <string>

using fairlead::k8s_watch::LabelSelector;

TEST_CASE("label selector: what it selects") {
  const std::map<std::string, std::string, std::less<>> labels{
      {"app", "web"}, {"tier", ""}, {"example.com/x-y_z", "1"}};
  const auto label = [&](std::string_view key) -> std::optional<std::string_view> {
    const auto found = labels.find(key);
    if (found == labels.end()) return std::nullopt;
    return found->second;
  };
  const std::pair<const char*, bool> rows[] = {
      {"", true},
      {"  ", true},
      {"app", true},
      {"!app", false},
      {"none", false},
      {"! none", true},
      {"app=web", true},
      {"app = web", true},
      {"app==db", false},
      {"app!=web", false},
      {"app != db", true},
      {"none!=web", true},
      {"none=web", false},
      {"tier=", true},
      {"tier=,app=web", true},
      {"app in (web)", true},
      {"app in (db, web)", true},
      {"app in(db)", false},
      {"tier in (,x)", true},
      {"app notin (db,x)", true},
      {"app notin (web)", false},
      {"none notin (web)", true},
      {"none in (web)", false},
      {"example.com/x-y_z=1,app in (web,db),!none", true},
      {"example.com/x-y_z=1,app in (web,db),none", false},
      {"in in (a)", false},
  };
  for (const auto& [text, expected] : rows) {
    CAPTURE(text);
    CHECK(LabelSelector::parse(text).matches(label) == expected);
  }
}

TEST_CASE("label selector: what it cannot read") {
  for (const char* text : {",", "a,", "=b", "a b", "a in", "a in (", "a in (b", "a in b",
                           "a near (b)", "a=b c", "a>1", "!", "a in (b) c", "a=(b)", "!a=b"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(LabelSelector::parse(text), std::runtime_error);
  }
}

TEST_CASE("label selector: what is one") {
  for (const char* text :
       {"", " ", "a", "!a", "! a", "a=b", "a==b", "a != b", "a=", "a=,b", "a in (b)",
        "a in (b, c,d)", "a notin (b),c", "a in ()", "a in (,b)", "x.io/a-b_c.d=1", "in in (in)",
        "app=web,tier!=db,!beta", "kubernetes.io/metadata.name in (a,b)"}) {
    CAPTURE(text);
    CHECK_NOTHROW(LabelSelector::parse(text));
  }
}

TEST_CASE("label selector: what is none") {
  const std::string long_name(64, 'a');
  for (const std::string& text : {std::string(","),
                                  std::string("a,"),
                                  std::string("=b"),
                                  std::string("a b"),
                                  std::string("a in"),
                                  std::string("a in (b"),
                                  std::string("a in b"),
                                  std::string("a in (b c)"),
                                  std::string("a=b c"),
                                  std::string("a=b=c"),
                                  std::string("-a"),
                                  std::string("a-"),
                                  std::string("a/b/c"),
                                  std::string("/a"),
                                  std::string("X.io/a"),
                                  std::string("x..io/a"),
                                  std::string("a > 1"),
                                  std::string("a=b/c"),
                                  std::string("a!"),
                                  std::string("!!a"),
                                  std::string("!a=b"),
                                  std::string("a=(b)"),
                                  long_name,
                                  "a=" + long_name,
                                  std::string(300, 'x') + "/a"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(LabelSelector::parse(text), std::runtime_error);
  }
}
