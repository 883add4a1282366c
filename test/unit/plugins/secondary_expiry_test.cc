#include <doctest/doctest.h>

#include <array>
#include <chrono>

#include "plugins/secondary/expiry.h"
#include "records/lifetime.h"

namespace fairlead::plugins::secondary {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = net::Clock::time_point;

constexpr Time kAsked{std::chrono::hours(1)};
constexpr Time kNow = kAsked + seconds(3);

Time end_with(uint32_t expire, std::optional<uint32_t> left) {
  Term term;
  term.begin(kAsked);
  term.said = {true, left};
  return end_of(expire, term, kNow);
}

// The head of a reply, with an OPT record or without.
Term heard(uint8_t rcode, bool edns) {
  Term term;
  term.begin(kAsked);
  const std::array<uint8_t, 23> message{0, 7, 0x80,          rcode, 0, 0,  0, 0,  0,
                                        0, 0, uint8_t{edns}, 0,     0, 41, 4, 208};
  term.take(message);
  return term;
}

TEST_CASE("secondary: a copy lasts as long as the SOA says, or what its server has left") {
  CHECK(end_of(100, {}, kNow) == kNow + seconds(100));
  CHECK(end_with(100, std::nullopt) == kNow + seconds(100));
  CHECK(end_with(100, 40) == kAsked + seconds(40));
  CHECK(end_with(100, 100) == kAsked + seconds(100));
  CHECK(end_with(100, 101) == kAsked + seconds(100));
  CHECK(end_with(100, 0) == kAsked);
  CHECK(end_with(0, std::nullopt) == kNow + seconds(1));
  CHECK(end_with(0, 0) == kAsked + seconds(1));
  CHECK(end_with(UINT32_MAX, UINT32_MAX) == kAsked + seconds(UINT32_MAX));
}

TEST_CASE("secondary: a server without EDNS is asked again without, once") {
  constexpr uint8_t kFormErr = 1;
  constexpr uint8_t kServFail = 2;
  constexpr uint8_t kNotImp = 4;
  CHECK(heard(kFormErr, false).edns_is_foreign);
  CHECK(heard(kNotImp, false).edns_is_foreign);
  CHECK(heard(kFormErr, true).edns_is_foreign);
  CHECK_FALSE(heard(kNotImp, true).edns_is_foreign);
  CHECK_FALSE(heard(kServFail, false).edns_is_foreign);
  Term term = heard(kFormErr, false);
  term.with_edns = false;
  term.begin(kNow);
  CHECK_FALSE(term.edns_is_foreign);
  const std::array<uint8_t, 12> reply{0, 7, 0x80, kFormErr};
  term.take(reply);
  CHECK_FALSE(term.edns_is_foreign);
}

TEST_CASE("secondary: the first message of a reply says how long") {
  Term term;
  std::array<uint8_t, 31> message{0,   7, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4,
                                  208, 0, 0,    0, 0, 0, 8, 0, 9, 0, 4, 0, 0, 0, 60};
  term.take({});
  CHECK_FALSE(term.said);
  term.take(message);
  message.back() = 90;
  term.take(message);
  CHECK(term.said->left == 60);
}

TEST_CASE("secondary: of a reply without its signature that counts alone which says no EDNS") {
  constexpr uint8_t kFormErr = 1;
  Term term;
  term.take_unsigned(std::array<uint8_t, 12>{0, 7, 0x80, kFormErr});
  CHECK(term.edns_is_foreign);
  CHECK_FALSE(term.said);
  Term late = heard(0, true);
  late.take_unsigned(std::array<uint8_t, 12>{0, 7, 0x80, kFormErr});
  CHECK_FALSE(late.edns_is_foreign);
  CHECK(late.said);
}

TEST_CASE("secondary: the next look comes before the end") {
  const auto pause = [](auto left, seconds wanted) {
    return pause_before(kNow + left, kNow, wanted);
  };
  CHECK(pause(seconds(100), seconds(99)) == seconds(99));
  CHECK(pause(seconds(100), seconds(100)) == seconds(50));
  CHECK(pause(seconds(100), seconds(3600)) == seconds(50));
  CHECK(pause(milliseconds(1500), seconds(60)) == seconds(1));
  CHECK(pause(milliseconds(10), seconds(60)) == seconds(1));
  CHECK(pause(milliseconds(10), seconds(1)) == seconds(1));
  CHECK(pause(seconds(0), seconds(3600)) == kLongestPause);
  CHECK(pause(seconds(-100), seconds(3600)) == kLongestPause);
  CHECK(pause(seconds(-100), seconds(2)) == seconds(2));
}

TEST_CASE("secondary: what others are told of the time that is left is rounded down") {
  const uint64_t before = net::stopped_clock.exchange(1'000'000'000'000);
  records::Lifetime lifetime;
  CHECK(lifetime.seconds_left() == 0);
  lifetime.end_at(net::Clock::now() + milliseconds(1999));
  CHECK(lifetime.seconds_left() == 1);
  lifetime.end_at(net::Clock::now() - seconds(5));
  CHECK(lifetime.seconds_left() == 0);
  lifetime.end_at(net::Clock::now() + 2 * seconds(UINT32_MAX));
  CHECK(lifetime.seconds_left() == UINT32_MAX);
  net::stopped_clock.store(before);
}

}  // namespace
}  // namespace fairlead::plugins::secondary
