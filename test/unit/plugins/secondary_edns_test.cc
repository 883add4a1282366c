#include <doctest/doctest.h>

#include <chrono>

#include "plugins/secondary/edns_memory.h"

namespace fairlead::plugins::secondary {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr EdnsMemory::Time kStart{std::chrono::hours(1)};
Term without_edns(bool was_foreign, bool was_silent) {
  Term term;
  term.with_edns = false;
  term.was_foreign = was_foreign;
  term.was_silent = was_silent;
  return term;
}

const Term kWithEdns;
const Term kWithout = without_edns(false, false);
const Term kAfterFormErr = without_edns(true, false);
const Term kAfterSilence = without_edns(false, true);

}  // namespace

TEST_CASE(
    "secondary: a server that is silent to EDNS is asked without for a while, then for longer") {
  EdnsMemory server;
  CHECK(server.may_be_without(kStart));
  CHECK_FALSE(server.is_without(kStart));
  server.answered(kAfterSilence, kStart);
  CHECK(server.is_without(kStart + seconds(9)));
  CHECK_FALSE(server.is_without(kStart + seconds(10)));
  // Answers to what was asked without from the start say nothing.
  server.answered(kWithout, kStart + seconds(9));
  CHECK_FALSE(server.is_without(kStart + seconds(10)));
  const auto next = kStart + seconds(20);
  server.answered(kAfterSilence, next);
  CHECK(server.is_without(next + seconds(299)));
  CHECK_FALSE(server.is_without(next + minutes(5)));
}

TEST_CASE("secondary: a server that has answered EDNS is not suspected, and begins anew") {
  EdnsMemory server;
  server.answered(kAfterSilence, kStart);
  const auto next = kStart + seconds(20);
  server.answered(kWithEdns, next);
  CHECK_FALSE(server.may_be_without(next + seconds(59)));
  CHECK(server.may_be_without(next + seconds(60)));
  server.answered(kAfterSilence, next + seconds(60));
  CHECK_FALSE(server.is_without(next + seconds(70)));
}

TEST_CASE("secondary: a server that says that it does not know EDNS is believed") {
  EdnsMemory server;
  server.answered(kAfterFormErr, kStart);
  CHECK(server.is_without(kStart + seconds(299)));
  CHECK_FALSE(server.is_without(kStart + minutes(5)));
}

}  // namespace fairlead::plugins::secondary
