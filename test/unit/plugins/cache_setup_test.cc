#include <doctest/doctest.h>

#include "plugins/cache/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::cache {
using namespace fairlead::plugins::testing;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

const auto kRun = [](auto& cursor, const auto& context) { return cache::parse(cursor, context); };

cache::Settings options_of(const std::string& lines) {
  return with_directive("cache", lines, kRun);
}

std::vector<fairlead::dns::Name> names(const std::vector<std::string>& texts) {
  std::vector<fairlead::dns::Name> names;
  for (const std::string& text : texts)
    names.push_back(fairlead::dns::Name::from_text(text).value());
  return names;
}

cache::ClassSettings class_of(size_t capacity, seconds max_ttl, seconds min_ttl) {
  return {.capacity = capacity, .max_ttl = max_ttl, .min_ttl = min_ttl};
}

}  // namespace

TEST_CASE("cache: defaults") {
  const cache::Settings options = options_of("cache");
  CHECK(options.zones == names({"example.org."}));
  CHECK(options.success == class_of(9984, seconds(3600), seconds(5)));
  CHECK(options.denial == class_of(9984, seconds(1800), seconds(5)));
  CHECK(options.prefetch == cache::PrefetchSettings{0, minutes(1), 10});
  CHECK(options.servfail_ttl == seconds(5));
  CHECK_FALSE(options.stale.enabled);
  CHECK_FALSE(options.keep_ttl);
}

TEST_CASE("cache: TTL and zones") {
  const cache::Settings options = options_of("cache 30 a B");
  CHECK(options.success.max_ttl == seconds(30));
  CHECK(options.denial.max_ttl == seconds(30));
  CHECK(options.zones == names({"a.", "b."}));
  CHECK(options_of("cache a").zones == names({"a."}));
  CHECK(options_of("cache 3x").zones == names({"3x."}));
}

TEST_CASE("cache: options in braces") {
  CHECK(options_of("cache {\nsuccess 5000\n}").success ==
        class_of(5000, seconds(3600), seconds(5)));
  CHECK(options_of("cache 900 {\ndenial 9984 30\n}").denial ==
        class_of(9984, seconds(30), seconds(5)));
  CHECK(options_of("cache {\nsuccess 0 60 0\n}").success == class_of(0, seconds(60), seconds(0)));
  CHECK(options_of("cache {\nprefetch 10\n}").prefetch ==
        cache::PrefetchSettings{10, minutes(1), 10});
  CHECK(options_of("cache {\nprefetch 10 2m 25%\n}").prefetch ==
        cache::PrefetchSettings{10, minutes(2), 25});
  CHECK(options_of("cache {\nservfail 0\n}").servfail_ttl == seconds(0));
  CHECK(options_of("cache {\nservfail 5m\n}").servfail_ttl == minutes(5));
  CHECK(options_of("cache {\nkeepttl\n}").keep_ttl);
  CHECK(options_of("cache {\ndisable success\n}").success.disabled_zones == names({"."}));
  const auto kubeadm =
      options_of("cache 30 {\ndisable success cluster.local\ndisable denial cluster.local\n}");
  CHECK(kubeadm.success.disabled_zones == names({"cluster.local."}));
  CHECK(kubeadm.denial.disabled_zones == names({"cluster.local."}));
  CHECK(options_of("cache {\nserve_stale_policy prefer_positive\n}").stale.prefer_positive);
}

TEST_CASE("cache: serve_stale") {
  struct {
    const char* line;
    cache::StaleSettings expected;
  } const cases[] = {
      {"serve_stale", {true, false, minutes(60), {}, {}, {}, false}},
      {"serve_stale 30m", {true, false, minutes(30), {}, {}, {}, false}},
      {"serve_stale 3600s immediate", {true, false, minutes(60), {}, {}, {}, false}},
      {"serve_stale 1h immediate 10s 20s",
       {true, false, minutes(60), {}, seconds(10), seconds(20), false}},
      {"serve_stale 1h Verify", {true, true, minutes(60), {}, {}, {}, false}},
      {"serve_stale 1h verify 1s", {true, true, minutes(60), seconds(1), {}, {}, false}},
      {"serve_stale 1h verify 1s 2s 3s",
       {true, true, minutes(60), seconds(1), seconds(2), seconds(3), false}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.line);
    CHECK(options_of("cache {\n" + std::string(c.line) + "\n}").stale == c.expected);
  }
}

TEST_CASE("cache: mistakes") {
  const BadLine cases[] = {
      {"cache\ncache", "3" + kOnce},
      {"cache 0", parsing(2, "cache TTL can not be zero or negative: 0")},
      {"cache -1", parsing(2, "cache TTL can not be zero or negative: -1")},
      {"cache 4294967296", parsing(2, "cache TTL is too large: 4294967296")},
      {"cache a..b", parsing(2, "zone is not a valid domain name: a..b")},
      {"cache {\nsuccess\n}", arguments_after(3, "success")},
      {"cache {\nsuccess 1 2 3 4\n}", arguments_after(3, "4")},
      {"cache {\nsuccess x\n}", parsing(3, "strconv.Atoi: parsing \"x\": invalid syntax")},
      {"cache {\nsuccess -1\n}",
       parsing(3, "cache capacity should fall in range [0, 100000000]: -1")},
      {"cache {\nsuccess 200000000\n}",
       parsing(3, "cache capacity should fall in range [0, 100000000]: 200000000")},
      {"cache {\ndenial 1 0\n}", parsing(3, "cache TTL can not be zero or negative: 0")},
      {"cache {\ndenial 1 1 -1\n}", parsing(3, "cache min TTL can not be negative: -1")},
      {"cache {\nprefetch\n}", arguments_after(3, "prefetch")},
      {"cache {\nprefetch 1 1m 10% x\n}", arguments_after(3, "x")},
      {"cache {\nprefetch -1\n}", parsing(3, "prefetch amount should be positive: -1")},
      {"cache {\nprefetch 1 x\n}", parsing(3, "time: invalid duration \"x\"")},
      {"cache {\nprefetch 1 1m 10\n}",
       parsing(3, "last character of percentage should be `%`, but is: '0'")},
      {"cache {\nprefetch 1 1m \"\"\n}",
       parsing(3, "last character of percentage should be `%`, but is: ''")},
      {"cache {\nprefetch 1 1m %\n}", parsing(3, "strconv.Atoi: parsing \"\": invalid syntax")},
      {"cache {\nprefetch 1 1m 9%\n}", parsing(3, "percentage should fall in range [10, 90]: 9")},
      {"cache {\nprefetch 1 1m 91%\n}", parsing(3, "percentage should fall in range [10, 90]: 91")},
      {"cache {\nservfail\n}", arguments_after(3, "servfail")},
      {"cache {\nservfail -1s\n}", parsing(3, "invalid negative ttl for servfail")},
      {"cache {\nservfail 301s\n}",
       parsing(3, "caching SERVFAIL responses over 5 minutes is not permitted")},
      {"cache {\nserve_stale 1h later\n}",
       parsing(3, "invalid value for serve_stale refresh mode: later")},
      {"cache {\nserve_stale -1h\n}", parsing(3, "invalid negative duration for serve_stale")},
      {"cache {\nserve_stale x\n}", parsing(3, "time: invalid duration \"x\"")},
      {"cache {\nserve_stale 1h verify x\n}",
       parsing(3, "invalid serve_stale verify timeout: time: invalid duration \"x\"")},
      {"cache {\nserve_stale 1h verify -5s\n}",
       parsing(3, "invalid negative timeout for serve_stale verify")},
      {"cache {\nserve_stale 1h verify 5s 5\n}",
       parsing(3, "invalid serve_stale response TTL: time: missing unit in duration \"5\"")},
      {"cache {\nserve_stale 1h immediate -5s\n}",
       parsing(3, "invalid negative response TTL for serve_stale")},
      {"cache {\nserve_stale 1h immediate 5s x\n}",
       parsing(3, "invalid serve_stale failure recheck: time: invalid duration \"x\"")},
      {"cache {\nserve_stale 1h immediate 5s -5s\n}",
       parsing(3, "invalid negative failure recheck for serve_stale")},
      {"cache {\nserve_stale 1h immediate 1s 1s 1s\n}", arguments_after(3, "1s")},
      {"cache {\nserve_stale 1h verify 1s 1s 1s 1s\n}", arguments_after(3, "1s")},
      {"cache {\nserve_stale_policy x\n}", parsing(3, "invalid serve_stale_policy: x")},
      {"cache {\ndisable\n}", arguments_after(3, "disable")},
      {"cache {\ndisable all\n}",
       parsing(3, "cache type for disable must be \"success\" or \"denial\"")},
      {"cache {\nkeepttl x\n}", arguments_after(3, "x")},
      {"cache {\nother\n}", arguments_after(3, "other")},
  };
  check_mistakes("cache", cases, kRun);
}

}  // namespace fairlead::plugins::cache
