#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "forward/stream.h"
#include "test/unit/forward/stream_recorder.h"

namespace fairlead::forward {
namespace {

using std::chrono::milliseconds;

TEST_CASE("stream: a connection that says nothing gets no more queries") {
  Streams streams({[](ServerEnd& end) {
                     while (!end.receive().empty()) continue;
                   },
                   echo});
  streams.send(1, message(1, 1));
  const auto give_up = std::chrono::steady_clock::now() + milliseconds(250);
  REQUIRE(run_until(streams.context,
                    [give_up] { return std::chrono::steady_clock::now() >= give_up; }));
  streams.cancel(1);
  CHECK_FALSE(streams.send(2, message(2, 2)));
  REQUIRE(streams.wait_for(1));
  CHECK(streams.user.messages[2] == message(2, 2));
  CHECK(streams.server.accepted() == 2);
}

TEST_CASE("stream: idle connections are closed") {
  std::atomic<bool> ended{false};
  const auto watch = [&ended](ServerEnd& end) {
    end.send(end.receive());
    ended = end.at_end();
  };
  Settings settings;
  SUBCASE("after `expire`") {
    settings.expire = milliseconds(10);
  }
  SUBCASE("at `max_age`") {
    settings.max_age = milliseconds(10);
  }
  Streams streams({watch, echo}, settings);
  streams.send(1, message(1, 1));
  REQUIRE(streams.wait_for(1));
  CHECK(run_until(streams.context, [&ended] { return ended.load(); }));
  CHECK_FALSE(streams.send(2, message(2, 2)));
  REQUIRE(streams.wait_for(2));
  CHECK(streams.server.accepted() == 2);
}

TEST_CASE("stream: queries beyond a connection's bound fail") {
  constexpr uint32_t kMost = 1024;
  Streams streams({[](ServerEnd& end) {
    while (!end.receive().empty()) continue;
  }});
  for (uint32_t i = 0; i < kMost; ++i) streams.send(i, message(1, 1, 12));
  streams.send(kMost, message(1, 1, 12));
  CHECK(streams.user.told == 0);
  REQUIRE(streams.wait_for(1));
  CHECK(streams.user.errors.size() == 1);
  CHECK(streams.user.errors.count(kMost) == 1);
}

TEST_CASE("stream: what is not sent is bounded") {
  std::atomic<bool> stop{false};
  Streams streams({[&stop](ServerEnd& end) {  // reads nothing
    while (!stop) std::this_thread::yield();
    end.reset();
  }});
  for (uint32_t i = 0; i < 10; ++i) streams.send(i, message(1, 1, 65535));
  const bool told = streams.wait_for(7);
  stop = true;
  REQUIRE(told);
  CHECK(streams.user.errors.size() == 7);  // three of 65,537 octets fit into 256 KiB
}

TEST_CASE("stream: a message that is none is refused") {
  Streams streams({echo});
  CHECK_FALSE(streams.send(1, Octets(11)));
  CHECK_FALSE(streams.send(2, Octets(65536)));
  CHECK(streams.user.told == 0);
  REQUIRE(streams.wait_for(2));
  CHECK(streams.user.errors.size() == 2);
}

TEST_CASE("stream: the user may do anything when told") {
  SUBCASE("ask again after a reply") {
    Streams streams({echo});
    streams.user.also = [&streams](uint32_t token) {
      if (token < 5) streams.send(token + 1, message(1, 1));
    };
    streams.send(1, message(1, 1));
    REQUIRE(streams.wait_for(5));
    CHECK(streams.user.messages.size() == 5);
  }
  SUBCASE("ask again after an error") {
    Streams streams({[](ServerEnd& end) { end.receive(); }});
    streams.user.also = [&streams](uint32_t token) {
      if (token < 5) streams.send(token + 1, message(1, 1));
    };
    streams.send(1, message(1, 1));
    REQUIRE(streams.wait_for(5));
    CHECK(streams.user.errors.size() == 5);
  }
  SUBCASE("cancel the others after an error") {
    Streams streams({[](ServerEnd& end) {
      end.receive();
      end.receive();
    }});
    streams.user.also = [&streams](uint32_t token) { streams.cancel(3 - token); };
    streams.send(1, message(1, 1));
    streams.send(2, message(2, 2));
    REQUIRE(streams.wait_for(1));
    streams.context.poll();
    CHECK(streams.user.told == 1);
  }
  SUBCASE("destroy the pool after a reply") {
    Streams streams({echo});
    streams.user.also = [&streams](uint32_t) { streams.pool.reset(); };
    streams.send(1, message(1, 1));
    streams.send(2, message(2, 2));
    REQUIRE(streams.wait_for(1));
    streams.context.restart();
    streams.context.poll();
    CHECK(streams.user.told == 1);
  }
  SUBCASE("destroy the pool after an error") {
    Streams streams({[](ServerEnd& end) { end.receive(); }});
    streams.user.also = [&streams](uint32_t) { streams.pool.reset(); };
    streams.send(1, message(1, 1));
    streams.send(2, message(2, 2));
    REQUIRE(streams.wait_for(1));
    CHECK(streams.user.told == 1);
  }
}

TEST_CASE("stream: a pool that goes tells nobody") {
  Streams streams({echo});
  streams.send(1, message(1, 1));
  streams.send(2, Octets(3));
  streams.pool.reset();
  streams.context.poll();
  CHECK(streams.user.told == 0);
}

}  // namespace
}  // namespace fairlead::forward
