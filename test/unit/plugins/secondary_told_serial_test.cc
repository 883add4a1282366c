#include <doctest/doctest.h>

#include "plugins/secondary/told_serial.h"

namespace fairlead::plugins::secondary {
namespace {

ToldSerial told(uint32_t serial) {
  ToldSerial said;
  said.say(serial);
  return said;
}

}  // namespace

TEST_CASE("secondary: a serial is newer in this look alone") {
  ToldSerial said;
  CHECK_FALSE(said.is_newer_than(UINT32_MAX));  // that 0 would be newer than
  said.say(5);
  CHECK(said.is_newer_than(4));
  CHECK(said.is_newer_than(UINT32_MAX));
  CHECK_FALSE(said.is_newer_than(5));
  CHECK_FALSE(said.is_newer_than(6));
  said.begin();
  CHECK_FALSE(said.is_newer_than(4));
}

TEST_CASE("secondary: an older serial counts when it is said twice in a row") {
  ToldSerial said = told(3);
  CHECK_FALSE(said.is_older_again(7));
  said.begin();
  said.say(3);
  CHECK(said.is_older_again(7));
  said.say(4);
  CHECK_FALSE(said.is_older_again(7));
  said.say(7);
  CHECK_FALSE(said.is_older_again(7));
  said.say(4);
  CHECK_FALSE(said.is_older_again(7));
  said.forget_older();
  CHECK_FALSE(said.is_older_again(7));
  CHECK(said.is_older_again(7));
  said.say(7 + (1U << 31));  // neither is newer than the other
  CHECK_FALSE(said.is_older_again(7));
  CHECK(said.is_older_again(7));
}

TEST_CASE("secondary: a whole zone is older than the copy though its server has said a newer one") {
  CHECK(told(8).is_belied_by(6, 7));
  CHECK(told(2).is_belied_by(UINT32_MAX - 1, UINT32_MAX));
  CHECK_FALSE(told(8).is_belied_by(7, 7));
  CHECK_FALSE(told(8).is_belied_by(8, 7));
  CHECK_FALSE(told(8).is_belied_by(9, 7));
  CHECK_FALSE(told(3).is_belied_by(3, 7));  // it went back, and has said so
  CHECK_FALSE(told(3).is_belied_by(4, 7));
  CHECK_FALSE(ToldSerial().is_belied_by(6, 7));
}

}  // namespace fairlead::plugins::secondary
