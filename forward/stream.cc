#include "forward/stream.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "dns/reader.h"
#include "forward/stream_connection.h"
#include "forward/tls.h"
#include "net/random.h"

namespace fairlead::forward {
namespace {

using Clock = StreamConnection::Clock;
using std::chrono::nanoseconds;

constexpr size_t kMaxMessage = 65535;
constexpr size_t kMaxConnections = 16;
constexpr nanoseconds kShortestDial = std::chrono::seconds(1);
constexpr nanoseconds kLongestDial = std::chrono::seconds(5);
constexpr nanoseconds kFirstDial = std::chrono::seconds(2);
constexpr int kDialPatience = 8;  // times as long as the last connection took

}  // namespace

struct StreamPool::Impl final : StreamOwner, std::enable_shared_from_this<Impl> {
  // A query from send() to its end. The message is kept for the one retry.
  struct Query {
    uint32_t token = 0;
    bool active = false;
    bool reused = false;  // the connection was open before
    bool retried = false;
    uint32_t generation = 0;  // tells a query from a later one in the same place
    StreamConnection* connection = nullptr;
    std::vector<uint8_t> message;
  };

  Impl(asio::io_context& context, const Settings& its_settings, const UpstreamSettings& upstream,
       TlsClient* tls, StreamUser& its_user)
      : settings(its_settings),
        peer{context, its_settings, upstream, tls, random},
        user(its_user) {}

  // Constant after construction.
  const Settings& settings;
  const StreamPeer peer;
  StreamUser& user;

  net::Random random;
  bool shut_down = false;
  nanoseconds dial_timeout = kFirstDial;
  std::vector<std::shared_ptr<StreamConnection>> connections;
  std::vector<Query> queries;
  std::vector<uint32_t> free;  // places in queries

  uint32_t add(uint32_t token, std::span<const uint8_t> message) {
    if (free.empty()) {
      free.push_back(static_cast<uint32_t>(queries.size()));
      queries.emplace_back();
    }
    const uint32_t place = free.back();
    free.pop_back();
    Query& query = queries[place];
    query.token = token;
    query.active = true;
    query.reused = query.retried = false;
    query.connection = nullptr;
    query.message.assign(message.begin(), message.end());
    return place;
  }

  void remove(uint32_t place) {
    queries[place].active = false;
    queries[place].connection = nullptr;
    ++queries[place].generation;
    free.push_back(place);
  }

  [[nodiscard]] bool young(const StreamConnection& connection) const {
    return settings.max_age.count() <= 0 ||
           Clock::now() - connection.opened_at() < settings.max_age;
  }

  // An open connection, else the one that is being set up, else a new one; null when there are too
  // many. `fresh`: not an open one.
  StreamConnection* choose(size_t size, bool fresh) {
    StreamConnection* connecting = nullptr;
    for (const auto& connection : connections) {
      if (connection->connecting()) connecting = connection.get();
      const bool open = !fresh && connection->open() && !connection->suspect();
      if (open && connection->has_room(size) && young(*connection)) return connection.get();
    }
    if (connecting != nullptr) return connecting->has_room(size) ? connecting : nullptr;
    if (connections.size() >= kMaxConnections) return nullptr;
    connections.push_back(std::make_shared<StreamConnection>(peer, *this));
    connections.back()->start(dial_timeout);
    return connections.back().get();
  }

  // False when there is no room for the query.
  bool put_under_way(uint32_t place, bool fresh) {
    Query& query = queries[place];
    query.connection = choose(query.message.size() + 2, fresh);
    if (query.connection == nullptr) return false;
    query.reused = query.connection->open();
    query.connection->send(place, query.message);
    return true;
  }

  void fail_later(uint32_t place, const char* text) {
    asio::post(peer.context,
               [weak = weak_from_this(), place, text, generation = queries[place].generation] {
                 const auto self = weak.lock();
                 if (self == nullptr || self->shut_down) return;
                 if (self->queries[place].generation == generation) self->fail(place, text);
               });
  }

  void fail(uint32_t place, std::string_view text) {
    const uint32_t token = queries[place].token;
    remove(place);
    user.on_stream_error(token, text);
  }

  void forget(const StreamConnection& connection) {
    std::erase_if(connections, [&connection](const auto& c) { return c.get() == &connection; });
  }

  void shut() {
    shut_down = true;
    for (const auto& connection : connections) connection->release();
    connections.clear();
  }

  void on_open(StreamConnection&, nanoseconds took) override {
    dial_timeout = std::clamp(took * kDialPatience, kShortestDial, kLongestDial);
  }

  void on_reply(StreamConnection&, uint32_t place, std::span<uint8_t> message) override {
    const auto self = shared_from_this();  // the user may destroy the pool
    const Query& query = queries[place];
    message[0] = query.message[0];
    message[1] = query.message[1];
    const uint32_t token = query.token;
    remove(place);
    user.on_message(token, message);
  }

  void on_idle(StreamConnection& connection) override {
    const auto idle = std::ranges::count_if(connections, [](const auto& c) { return c->idle(); });
    const size_t most = settings.max_idle_connections;
    if (young(connection) && (most == 0 || static_cast<size_t>(idle) <= most)) return;
    const auto keep = connection.shared_from_this();
    connection.release();
    forget(connection);
  }

  void on_closed(StreamConnection& connection, std::span<const uint32_t> places,
                 std::string_view text, bool peer_ended) override {
    const auto self = shared_from_this();
    if (connection.opened_at() == Clock::time_point{}) {
      dial_timeout = std::min(dial_timeout * 2, kLongestDial);
    }
    forget(connection);
    for (const uint32_t place : places) queries[place].connection = nullptr;
    for (const uint32_t place : places) {
      Query& query = queries[place];
      if (!query.active || query.connection != nullptr) continue;
      const bool again = peer_ended && !query.retried && (query.reused || connection.replies() > 0);
      query.retried = true;
      if (again && put_under_way(place, true)) continue;
      fail(place, text);
      if (shut_down) return;
    }
  }
};

StreamPool::StreamPool(asio::io_context& context, const Settings& settings,
                       const UpstreamSettings& upstream, TlsClient* tls, StreamUser& user)
    : impl_(std::make_shared<Impl>(context, settings, upstream, tls, user)) {}

StreamPool::~StreamPool() {
  impl_->shut();
}

bool StreamPool::send(uint32_t token, std::span<const uint8_t> query) {
  const uint32_t place = impl_->add(token, query);
  if (query.size() < dns::kHeaderSize || query.size() > kMaxMessage) {
    impl_->fail_later(place, "dns: bad message size");
    return false;
  }
  if (!impl_->put_under_way(place, false)) {
    impl_->fail_later(place, "too many queries on the connections to the upstream");
    return false;
  }
  return impl_->queries[place].reused;
}

void StreamPool::cancel(uint32_t token) {
  for (uint32_t place = 0; place < impl_->queries.size(); ++place) {
    const Impl::Query& query = impl_->queries[place];
    if (!query.active || query.token != token) continue;
    StreamConnection* connection = query.connection;
    impl_->remove(place);
    if (connection != nullptr) connection->cancel(place);
    return;
  }
}

}  // namespace fairlead::forward
