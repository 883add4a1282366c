// How much is kept, and what leaves.
#include "test/unit/cache/support.h"

namespace fairlead::cache {
namespace {

std::string numbered(size_t i) {
  return "host-" + std::to_string(i) + ".example A";
}

TEST_CASE("bounds: as many entries as the capacity says, each class its own") {
  struct Case {
    size_t capacity;
    size_t most;
  };
  for (const Case c : {Case{0, 1024}, Case{1000, 1024}, Case{1500, 1500}, Case{9984, 9984}}) {
    CAPTURE(c.capacity);
    Settings settings;
    settings.success.capacity = c.capacity;
    Setup setup(settings);
    for (size_t i = 0; i < c.most * 3 / 2; ++i) setup.store(numbered(i), one_address());
    for (size_t i = 0; i < 100; ++i) setup.store(numbered(1'000'000 + i), gone());
    const Totals totals = setup.cache.totals();
    CHECK(totals.success_entries <= c.most);
    CHECK(totals.success_entries > c.most * 9 / 10);
    CHECK(totals.success_evictions == c.most * 3 / 2 - totals.success_entries);
    CHECK(totals.denial_entries == 100);
    CHECK(totals.denial_evictions == 0);
  }
}

TEST_CASE("bounds: what is asked again stays while names that are asked once pass through") {
  Settings settings;
  settings.success.capacity = 1024;
  Setup setup(settings);
  const auto popular = [](size_t i) { return "popular-" + std::to_string(i) + ".example A"; };
  for (size_t i = 0; i < 200; ++i) setup.store(popular(i), one_address("192.0.2.1", 3600));
  for (size_t round = 0; round < 20; ++round) {
    for (size_t i = 0; i < 200; ++i) setup.state(popular(i));
    for (size_t i = 0; i < 300; ++i) setup.store(numbered(round * 300 + i), one_address());
  }
  size_t left = 0;
  for (size_t i = 0; i < 200; ++i) left += setup.state(popular(i)) == State::Fresh ? 1 : 0;
  CHECK(left == 200);
}

TEST_CASE("bounds: the dead leave first, and are no evictions") {
  Settings settings;
  settings.success.capacity = 1024;
  Setup setup(settings);
  for (size_t i = 0; i < 400; ++i) setup.store(numbered(i), one_address("192.0.2.1", 3600));
  for (size_t i = 400; i < 2000; ++i) setup.store(numbered(i), one_address("192.0.2.1", 10));
  const uint64_t evictions = setup.cache.totals().success_evictions;
  setup.now += 11s;
  for (size_t i = 0; i < 400; ++i) setup.store(numbered(i), one_address("192.0.2.1", 3600));
  for (size_t i = 0; i < 400; ++i) CHECK(setup.state(numbered(i)) == State::Fresh);
  CHECK(setup.cache.totals().success_evictions == evictions);
  CHECK(setup.cache.totals().success_entries < 700);
}

TEST_CASE("bounds: by octets too") {
  Settings settings;
  settings.success.max_bytes = 64 * 1024 * 16;
  Setup setup(settings);
  for (size_t i = 0; i < 500; ++i) setup.store(numbered(i), Upstream().addresses(200));
  const Totals totals = setup.cache.totals();
  CHECK(totals.success_evictions > 100);
  CHECK(totals.success_evictions + totals.success_entries == 500);
  CHECK(totals.success_entries > 200);
  CHECK(totals.bytes < 64 * 1024 * 16 + 100'000);
  // More than a 64th of the class's octets: 16 KiB.
  CHECK(setup.store("big.example A", Upstream().addresses(800)) == StoreResult::Kept);
  CHECK(setup.store("big.example A", Upstream().addresses(1000)) == StoreResult::NotCacheable);
  CHECK(setup.state("big.example A") == State::Miss);
}

TEST_CASE("bounds: ten thousand usual entries take less than 5 MB") {
  Settings settings;
  settings.success.capacity = 10'000 * 2;  // so that none has to leave
  Setup setup(settings);
  CHECK(setup.cache.totals().bytes < 50'000);
  for (size_t i = 0; i < 10'000; ++i) {
    setup.store("host-" + std::to_string(i) + ".some-service.example.com A",
                Upstream().addresses(2));
  }
  const Totals totals = setup.cache.totals();
  CHECK(totals.success_entries == 10'000);
  CHECK(totals.bytes > 1'000'000);
  CHECK(totals.bytes < 5'000'000);
}

TEST_CASE("bounds: totals go down again") {
  Setup setup;
  const uint64_t empty = setup.cache.totals().bytes;
  for (size_t i = 0; i < 1000; ++i) setup.store(numbered(i), one_address());
  const uint64_t full = setup.cache.totals().bytes;
  for (size_t i = 0; i < 1000; ++i) setup.store(numbered(i), one_address("192.0.2.1", 0));
  const Totals totals = setup.cache.totals();
  CHECK(totals.success_entries == 0);
  CHECK(full > empty + 1000 * 100);
  CHECK(totals.bytes < full - 1000 * 100);
}

}  // namespace
}  // namespace fairlead::cache
