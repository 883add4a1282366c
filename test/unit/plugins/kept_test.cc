#include "plugins/kept.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace fairlead::plugins {
using fairlead::plugins::Kept;

namespace {

struct Upstreams {
  std::string settings;
};
struct Table {
  int number = 0;
};

std::shared_ptr<Upstreams> upstreams(Kept& kept, const std::string& settings) {
  return kept.keep<Upstreams>([&](const Upstreams& known) { return known.settings == settings; },
                              [&] { return std::make_shared<Upstreams>(Upstreams{settings}); });
}

}  // namespace

TEST_CASE("kept: what a configuration has is the next one's if it wants the same") {
  Kept kept;
  const auto before = upstreams(kept, "10.0.0.1");
  CHECK(upstreams(kept, "10.0.0.1") == before);
  CHECK(upstreams(kept, "10.0.0.2") != before);
  CHECK(upstreams(kept, "10.0.0.1") == before);
  const auto table =
      kept.keep<Table>([](const Table&) { return true; }, [] { return std::make_shared<Table>(); });
  CHECK(table->number == 0);  // of another type, whatever the match says
}

TEST_CASE("kept: what nobody has any more is forgotten, no sooner") {
  Kept kept;
  CHECK_FALSE(kept.drop_unused());
  auto used = upstreams(kept, "10.0.0.1");
  const std::weak_ptr<Upstreams> unused = upstreams(kept, "10.0.0.2");
  CHECK_FALSE(unused.expired());
  CHECK(kept.drop_unused());
  CHECK(unused.expired());
  CHECK(upstreams(kept, "10.0.0.1") == used);
  const std::weak_ptr<Upstreams> last = used;
  used.reset();
  CHECK_FALSE(kept.drop_unused());
  CHECK(last.expired());
}

TEST_CASE("kept: what is forgotten may take others with it, which are forgotten next") {
  struct Cache {
    std::shared_ptr<Upstreams> of;
  };
  Kept kept;
  const std::weak_ptr<Upstreams> inner = upstreams(kept, "10.0.0.1");
  kept.keep<Cache>([](const Cache&) { return false; },
                   [&] { return std::make_shared<Cache>(Cache{inner.lock()}); });
  for (int looks = 0; kept.drop_unused(); ++looks) REQUIRE(looks < 2);
  CHECK(inner.expired());
}

TEST_CASE("kept: one of a process stays until the end") {
  Kept kept;
  int made = 0;
  const auto table = [&] {
    return kept.process<Table>([&] { return std::make_shared<Table>(Table{++made}); });
  };
  const std::weak_ptr<Table> first = table();
  kept.drop_unused();
  CHECK(table() == first.lock());
  CHECK(made == 1);
  kept.clear();
  CHECK(first.expired());
  CHECK(table()->number == 2);
}

TEST_CASE("kept: types have numbers of their own, always the same") {
  Kept kept;
  CHECK(kept.number<Table>() == 0);
  CHECK(kept.number<Upstreams>() == 1);
  CHECK(kept.number<Table>() == 0);
}

}  // namespace fairlead::plugins
