// Upstreams that answer the questions of a connection one after the other.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <string>

#include "test/unit/forward/asked.h"
#include "test/unit/forward/stream_recorder.h"

namespace fairlead::forward {
namespace {

using std::chrono::milliseconds;
using Status = Outcome::Status;

constexpr uint8_t kSlow = 's';

/// Answers in order; what is slow takes until the gate is open, or the client has gone.
struct InOrder {
  ~InOrder() { open_gate(); }
  void open_gate() {
    if (!opened.exchange(true)) gate.set_value();
  }
  StreamServer::Script script(uint8_t mark_at) {
    return [this, mark_at](ServerEnd& end) {
      for (Octets query = end.receive(); !query.empty(); query = end.receive()) {
        if (query[mark_at] == kSlow) {
          ++slow;
          future.wait();
        }
        end.send(mark_at == kFirstLabel ? Says{}.to({.octets = query, .tcp = true}) : query);
      }
    };
  }

  static constexpr uint8_t kFirstLabel = 13;  // of the question: its first letter
  std::promise<void> gate;
  std::shared_future<void> future = gate.get_future().share();
  std::atomic<bool> opened{false};
  std::atomic<size_t> slow{0};  // that have begun
};

/// What is slow waits in the pool until the server goes; the pool first.
struct Held {
  explicit Held(milliseconds usual = milliseconds(50)) : streams({order.script(19)}) {
    streams.usual = usual;
  }
  ~Held() {
    order.open_gate();
    streams.pool.reset();
    streams.context.poll();
  }
  void send_slow(uint32_t token) { streams.send(token, message(1, kSlow)); }
  InOrder order;
  Streams streams;
};

TEST_CASE("stream order: quick questions behind slow ones are all answered at once") {
  InOrder order;
  StreamServer server({order.script(InOrder::kFirstLabel)});
  Settings settings;
  settings.upstreams = {server.upstream()};
  settings.force_tcp = true;
  std::array<Told, 8> slow, quick;
  {
    Worker worker(settings);
    for (size_t i = 0; i < slow.size(); ++i) {
      worker.ask(slow[i], "s" + std::to_string(i) + ".example.");
    }
    REQUIRE(worker.run_until([&] { return order.slow != 0; }));
    for (size_t i = 0; i < quick.size(); ++i) {
      worker.ask(quick[i], "q" + std::to_string(i) + ".example.");
    }
    const auto all_told = [&] {
      return std::ranges::all_of(quick, [](const Told& told) { return told.times != 0; });
    };
    CHECK(worker.run_until(all_told));
    for (const Told& told : quick) {
      CHECK(told.status == Status::Answered);
      CHECK(told.took < settings.read_timeout);
    }
    CHECK(server.accepted() <= 16);
    // The slow ones, too, are answered as soon as they can be.
    order.open_gate();
    worker.run_until([&] { return worker.forwarder->in_flight() == 0; });
    for (const Told& told : slow) CHECK(told.status == Status::Answered);
  }
}

TEST_CASE("stream order: a query behind a slow one takes another connection") {
  Held held;
  held.send_slow(1);
  held.streams.send(2, message(2, 2));
  REQUIRE(held.streams.wait_for(1));
  CHECK(held.streams.user.messages[2] == message(2, 2));
  CHECK(held.streams.server.accepted() == 2);
  // Nobody waits behind the slow one from now on.
  CHECK(held.streams.send(3, message(3, 3)));
  REQUIRE(held.streams.wait_for(2));
  CHECK(held.streams.server.accepted() == 2);
  // Nor behind one that was given up: the upstream still works on it.
  held.streams.cancel(1);
  held.send_slow(4);
  held.streams.send(5, message(5, 5));
  REQUIRE(held.streams.wait_for(3));
  CHECK(held.streams.user.messages[5] == message(5, 5));
}

TEST_CASE("stream order: connections are bounded, and those in use for nobody give way") {
  constexpr uint32_t kConnections = 16;
  Held held;
  for (uint32_t i = 0; i < 2 * kConnections; ++i) held.send_slow(i);
  REQUIRE(run_until(held.streams.context, [&] { return held.order.slow == kConnections; }));
  held.streams.send(100, message(1, 1));
  held.streams.context.restart();
  held.streams.context.run_for(milliseconds(120));
  CHECK(held.streams.server.accepted() == kConnections);
  CHECK(held.streams.user.told == 0);
  for (uint32_t i = 0; i < 2 * kConnections; ++i) held.streams.cancel(i);
  REQUIRE(held.streams.wait_for(1));
  CHECK(held.streams.user.messages.count(100) == 1);
}

TEST_CASE("stream order: a place that belongs to another query is not cancelled") {
  Streams streams({echo});
  streams.send(1, message(1, 1));
  REQUIRE(streams.wait_for(1));
  streams.send(2, message(2, 2));
  REQUIRE(streams.places[1] == streams.places[2]);
  streams.cancel(1);
  REQUIRE(streams.wait_for(2));
}

}  // namespace
}  // namespace fairlead::forward
