// A StreamPool with a scripted upstream and a user that remembers what it was told, for the tests
// of streams.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "forward/stream.h"
#include "test/unit/forward/stream_server.h"

namespace fairlead::forward {

/// What a pool told, by token.
struct StreamRecorder final : StreamUser {
  std::map<uint32_t, Octets> messages;
  std::map<uint32_t, std::string> errors;
  size_t told = 0;
  std::function<void(uint32_t)> also;  // called after each

  void on_message(uint32_t token, std::span<const uint8_t> message) override {
    messages[token] = {message.begin(), message.end()};
    ++told;
    if (also) also(token);
  }
  void on_stream_error(uint32_t token, std::string_view text) override {
    errors[token] = text;
    ++told;
    if (also) also(token);
  }
  void on_sent(uint32_t) override { ++sent; }
  size_t sent = 0;  // that had to wait for a connection
};

/// Runs `context` until `done` or 10 s are over; false for the latter.
inline bool run_until(asio::io_context& context, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    context.restart();
    context.run_one_for(std::chrono::milliseconds(50));
  }
  return true;
}

/// A message of `size` octets whose id is `id` and whose other octets tell `mark`.
inline Octets message(uint16_t id, uint8_t mark, size_t size = 20) {
  Octets out(size, mark);
  out[0] = static_cast<uint8_t>(id >> 8);
  out[1] = static_cast<uint8_t>(id);
  return out;
}

/// What a reply usually takes, when a test says nothing else: longer than any.
inline constexpr std::chrono::seconds kUsual{60};

// Answers every query with itself.
inline void echo(ServerEnd& end) {
  for (Octets query = end.receive(); !query.empty(); query = end.receive()) end.send(query);
}

// A server, and a pool that asks it.
struct Streams {
  explicit Streams(std::vector<StreamServer::Script> scripts, Settings its_settings = {})
      : settings(std::move(its_settings)), server(std::move(scripts)) {
    upstream = server.upstream();
    pool = std::make_unique<StreamPool>(context, settings, upstream, nullptr, user);
  }
  ~Streams() {
    pool.reset();  // the server waits for its clients' end
    context.poll();
  }

  bool send(uint32_t token, const Octets& query) {
    const StreamPool::Sent sent = pool->send(token, query, usual);
    places[token] = sent.place;
    return sent.reused;
  }
  void cancel(uint32_t token) { pool->cancel(places[token], token); }
  bool wait_for(size_t told) {
    return run_until(context, [this, told] { return user.told >= told; });
  }

  Settings settings;
  std::chrono::nanoseconds usual = kUsual;
  UpstreamSettings upstream;
  StreamServer server;
  asio::io_context context;
  StreamRecorder user;
  std::unique_ptr<StreamPool> pool;
  std::map<uint32_t, uint32_t> places;  // by token
};

}  // namespace fairlead::forward
