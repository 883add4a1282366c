#include "plugins/etcd/keys.h"

#include <doctest/doctest.h>

#include <string>

namespace fairlead::plugins::etcd {
namespace {

dns::Name name(const char* text) {
  return dns::Name::from_text(text)->lowered();
}

std::string key(const char* root, const char* text) {
  return key_of(root, name(text).view());
}

TEST_CASE("etcd: the path is one slash in front, none at the end") {
  CHECK(clean_path("skydns") == "/skydns");
  CHECK(clean_path("/skydns/") == "/skydns");
  CHECK(clean_path("//a/./b//c/../") == "/a/b");
  CHECK(clean_path("../..") == "/");
  CHECK(clean_path("") == "/");
}

TEST_CASE("etcd: a name is read from the right") {
  CHECK(key("/skydns", "web.Skydns.local") == "/skydns/local/skydns/web");
  CHECK(key("/skydns", ".") == "/skydns");
  CHECK(key("/", "a.b") == "/b/a");
  CHECK(key("/", ".") == "/");
}

TEST_CASE("etcd: what a label has of a path cannot leave the root") {
  CHECK(key("/skydns", R"(a\/\/b\.\..dom)") == R"(/skydns/dom/a/b\.\.)");
  CHECK(key("/skydns", R"(\/.dom)") == "/skydns/dom");
  CHECK(key("/skydns", R"(\.\..dom)") == R"(/skydns/dom/\.\.)");
  CHECK(key("/skydns", R"(a\000b.dom)") == R"(/skydns/dom/a\000b)");
}

TEST_CASE("etcd: a name with a wildcard is looked for above it") {
  const auto place = [](const char* text) { return place_of("/skydns", name(text).view()); };
  CHECK_FALSE(place("a.dom").wildcard);
  CHECK(place("a.dom").key == "/skydns/dom/a");
  CHECK(place("a.*.dom").wildcard);
  CHECK(place("a.*.dom").key == "/skydns/dom");
  CHECK(place("any.b.dom").key == "/skydns/dom/b");
  CHECK_FALSE(place("many.dom").wildcard);
}

TEST_CASE("etcd: keys match level by level") {
  CHECK(matches("/skydns/dom/*/web", "/skydns/dom/a/web"));
  CHECK(matches("/skydns/dom/any/web", "/skydns/dom/a/web/1/2"));
  CHECK_FALSE(matches("/skydns/dom/*/web", "/skydns/dom/a/webs"));
  CHECK_FALSE(matches("/skydns/dom/*/web", "/skydns/dom/a"));
  CHECK_FALSE(matches("/skydns/dom/*/web", "/skydns/other/a/web"));
}

TEST_CASE("etcd: the name of a key, or none") {
  const auto text = [](const char* root, const char* of) {
    const auto found = name_of(root, of);
    return found ? dns::to_text(found->view()) : "none";
  };
  CHECK(text("/skydns", "/skydns/local/skydns/web") == "web.skydns.local.");
  CHECK(text("/skydns", "/skydns/local/skydns/web/") == "web.skydns.local.");
  CHECK(text("/a/b", "/a/b/dom/x") == "x.dom.");
  CHECK(text("/", "/dom/x") == "x.dom.");
  CHECK(text("/skydns", "/skydns") == "none");
  CHECK(text("/skydns", "/skydns/dom//x") == "none");
  CHECK(text("/skydns", "/skydnsx/dom") == "none");
  CHECK(text("/skydns", "/other/dom") == "none");
}

}  // namespace
}  // namespace fairlead::plugins::etcd
