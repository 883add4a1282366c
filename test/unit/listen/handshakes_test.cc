#include "listen/handshakes.h"

#include <doctest/doctest.h>

#include <new>
#include <optional>
#include <string>
#include <utility>

namespace fairlead::listen {
namespace {

dns::IpAddress address(const char* text) {
  return *dns::IpAddress::from_text(text);
}

TcpOptions limits(size_t all, size_t of_one) {
  TcpOptions made;
  made.handshakes = all;
  made.handshakes_per_client = of_one;
  return made;
}

// For longer than a turn, however fast the machine is.
void work() {
  const auto end = std::chrono::steady_clock::now() + Handshakes::kTurn;
  while (std::chrono::steady_clock::now() < end) {
  }
}

TEST_CASE("handshakes: as many as there may be, of all and of one client") {
  asio::io_context context;
  Handshakes handshakes(context, limits(3, 2));
  const auto one = address("192.0.2.1"), other = address("2001:db8::1");
  std::optional<Handshakes::Place> first(std::in_place, handshakes, one);
  CHECK(handshakes.has_room(one));
  std::optional<Handshakes::Place> second(std::in_place, handshakes, one);
  CHECK_FALSE(handshakes.has_room(one));
  CHECK(handshakes.has_room(other));
  const Handshakes::Place third(handshakes, other);
  CHECK_FALSE(handshakes.has_room(other));
  first.reset();
  CHECK(handshakes.has_room(one));
  CHECK(handshakes.has_room(other));
  second.reset();
  CHECK(handshakes.has_room(one));
}

TEST_CASE("handshakes: the queue is bounded by itself") {
  asio::io_context context;
  Handshakes handshakes(context, limits(2, 2));
  for (int i = 0; i < 2; ++i) {
    const Handshakes::Place closed_while_it_waits(handshakes, address("192.0.2.1"));
    handshakes.take_turn([] {});
  }
  CHECK_FALSE(handshakes.has_room(address("192.0.2.1")));
  context.run();
  CHECK(handshakes.has_room(address("192.0.2.1")));
}

TEST_CASE("handshakes: everything else has its turn between two long ones") {
  asio::io_context context;
  Handshakes handshakes(context, limits(100, 100));
  std::string order;
  for (int i = 0; i < 5; ++i) {
    handshakes.take_turn([&order] {
      order += 'h';
      work();
    });
    asio::post(context, [&order, &context] {
      order += 'q';
      asio::post(context, [&order] { order += 'Q'; });
    });
  }
  context.run();
  CHECK(order == "hqqqqqhQQQQQhhh");
}

TEST_CASE("handshakes: in their order, short ones in one turn") {
  asio::io_context context;
  Handshakes handshakes(context, limits(100, 100));
  std::string order;
  for (const char name : {'a', 'b', 'c'}) {
    handshakes.take_turn([&order, &handshakes, name] {
      order += name;
      handshakes.take_turn([&order, name] { order += static_cast<char>(name - 'a' + 'A'); });
    });
  }
  context.run();
  CHECK(order == "abcABC");
}

TEST_CASE("handshakes: one that fails holds up nobody") {
  asio::io_context context;
  Handshakes handshakes(context, limits(100, 100));
  int others = 0;
  handshakes.take_turn([] { throw std::bad_alloc(); });
  for (int i = 0; i < 3; ++i) handshakes.take_turn([&others] { ++others; });
  CHECK_THROWS_AS(context.run(), std::bad_alloc);
  context.run();
  CHECK(others == 3);
}

}  // namespace
}  // namespace fairlead::listen
