#include "plugins/errors/errors.h"

#include <doctest/doctest.h>

#include "test/unit/plugins/question.h"

namespace fairlead::plugins::errors {
using namespace std::chrono_literals;

namespace {

const Consolidation::TimePoint kStart{};
constexpr auto kServFail = dns::Rcode::ServFail;

Options with(std::vector<Consolidate> rules) {
  Options options;
  options.consolidate = std::move(rules);
  return options;
}

}  // namespace

TEST_CASE("errors: a failure is one line with the rcode as a number") {
  test::Question q("Example.org.", dns::RrType::A);
  Consolidation errors(Options{});
  const auto line = errors.report(q.query, kServFail, "read udp a->b: i/o timeout", kStart);
  REQUIRE(line);
  CHECK(line->level == Level::Error);
  CHECK(line->text == "2 example.org. A: read udp a->b: i/o timeout");
}

TEST_CASE("errors: matching failures are counted and told once at the end of the period") {
  test::Question q("example.org.", dns::RrType::A);
  Consolidation errors(with({{30s, ".*timeout$", Level::Warning, false}}));
  CHECK_FALSE(errors.report(q.query, kServFail, "i/o timeout", kStart));
  CHECK_FALSE(errors.report(q.query, kServFail, "i/o timeout", kStart + 29s));
  CHECK(errors.report(q.query, kServFail, "connection refused", kStart));
  CHECK(errors.due(kStart + 29s).empty());
  const auto lines = errors.due(kStart + 30s);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == Line{Level::Warning, "2 errors like '.*timeout$' occurred in last 30s"});
  CHECK(errors.due(kStart + 60s).empty());
}

TEST_CASE("errors: a new period starts with the next failure, not with the last summary") {
  test::Question q("example.org.", dns::RrType::A);
  Consolidation errors(with({{30s, "x", Level::Error, false}}));
  CHECK_FALSE(errors.report(q.query, kServFail, "x", kStart));
  CHECK(errors.due(kStart + 31s).size() == 1);
  CHECK_FALSE(errors.report(q.query, kServFail, "x", kStart + 100s));
  CHECK(errors.due(kStart + 129s).empty());
  CHECK(errors.due(kStart + 130s).size() == 1);
}

TEST_CASE("errors: show_first tells the first failure of a period in full") {
  test::Question q("example.org.", dns::RrType::Aaaa);
  Consolidation errors(with({{2s, "refused|timeout", Level::Info, true}}));
  const auto first = errors.report(q.query, kServFail, "connection refused", kStart);
  REQUIRE(first);
  CHECK(*first == Line{Level::Info, "2 example.org. AAAA: connection refused"});
  for (int i = 0; i < 4; ++i) CHECK_FALSE(errors.report(q.query, kServFail, "refused", kStart));
  const auto lines = errors.due(kStart + 2s);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].text == "5 errors like 'refused|timeout' occurred in last 2s");
}

TEST_CASE("errors: the first rule that matches counts") {
  test::Question q("example.org.", dns::RrType::A);
  Consolidation errors(with({{60s, "a", Level::Error, false}, {90s, "b", Level::Error, false}}));
  CHECK_FALSE(errors.report(q.query, kServFail, "a b", kStart));
  CHECK_FALSE(errors.report(q.query, kServFail, "b", kStart));
  const auto lines = errors.finish();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].text == "1 errors like 'a' occurred in last 1m0s");
  CHECK(lines[1].text == "1 errors like 'b' occurred in last 1m30s");
  CHECK(errors.finish().empty());
}

TEST_CASE("errors: a text of any length is searched whole") {
  test::Question q("example.org.", dns::RrType::A);
  Consolidation errors(with({{60s, "end$", Level::Error, false}}));
  CHECK_FALSE(errors.report(q.query, kServFail, std::string(100'000, 'x') + "end", kStart));
}

// With an engine that tries one way after another, this does not end.
TEST_CASE("errors: no expression makes a search slow") {
  test::Question q("example.org.", dns::RrType::A);
  Consolidation errors(
      with({{60s, "^(a|a|aa)+$", Level::Error, false}, {60s, "(x+x+)+y", Level::Error, false}}));
  CHECK(errors.report(q.query, kServFail, std::string(5'000, 'a') + "!", kStart));
  CHECK(errors.report(q.query, kServFail, std::string(5'000, 'x'), kStart));
}

}  // namespace fairlead::plugins::errors
