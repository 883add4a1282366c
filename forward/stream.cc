#include "forward/stream.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "dns/reader.h"
#include "forward/stream_connection.h"
#include "forward/tls.h"
#include "net/quietly.h"
#include "net/random.h"

namespace fairlead::forward {
namespace {

using Clock = StreamConnection::Clock;
using std::chrono::nanoseconds;

constexpr size_t kMaxMessage = 65535;
constexpr size_t kMaxConnections = 16;
constexpr size_t kMaxConnecting = 4;  // at once, for queries that wait behind others
constexpr nanoseconds kShortestDial = std::chrono::seconds(1);
constexpr nanoseconds kLongestDial = nanoseconds(kQuestionTime) / 2;
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

  static std::shared_ptr<DohUpstream> doh_of(const UpstreamSettings& upstream,
                                             const Settings& settings) {
    if (upstream.transport != Transport::Https) return nullptr;
    return std::make_shared<DohUpstream>(upstream, settings.doh_get);
  }

  Impl(asio::io_context& context, const Settings& its_settings, const UpstreamSettings& upstream,
       TlsClient* tls, StreamUser& its_user)
      : settings(its_settings),
        peer{context, its_settings, upstream, tls, doh_of(upstream, its_settings), random},
        user(its_user),
        relief(context) {}

  // Constant after construction.
  const Settings& settings;
  const StreamPeer peer;
  StreamUser& user;

  net::Random random;
  bool shut_down = false;
  nanoseconds dial_timeout = kFirstDial;  // when another one can be tried
  std::vector<std::shared_ptr<StreamConnection>> connections;
  std::vector<Query> queries;
  std::vector<uint32_t> free;  // places in queries
  nanoseconds usual{};         // as send() was told last
  net::Timer relief;           // when to look for queries that wait behind others
  bool watching = false;       // it is set

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

  [[nodiscard]] bool usable(const StreamConnection& connection) const {
    return connection.open() && connection.takes_more() && !connection.suspect() &&
           young(connection);
  }

  // One on which nothing is under way.
  StreamConnection* choose_free() {
    for (const auto& connection : connections) {
      if (usable(*connection) && connection->pipeline().empty()) return connection.get();
    }
    return nullptr;
  }

  // One on which a query has not to wait for long.
  StreamConnection* choose_open(size_t size) {
    if (StreamConnection* connection = choose_free()) return connection;
    const Clock::time_point now = Clock::now();
    for (const auto& connection : connections) {
      const bool quick = usable(*connection) && !connection->pipeline().holds_up(now, usual);
      if (quick && connection->has_room(size)) return connection.get();
    }
    return nullptr;
  }

  // The one on which the fewest are under way, when there may be no more connections.
  StreamConnection* choose_least(size_t size) {
    StreamConnection* least = nullptr;
    for (const auto& connection : connections) {
      const size_t waiting = connection->pipeline().waiting();
      const bool better = least == nullptr || waiting < least->pipeline().waiting();
      if (better && usable(*connection) && connection->has_room(size)) least = connection.get();
    }
    return least;
  }

  // Null when there are too many, all of them in use.
  StreamConnection* connect() {
    if (connections.size() >= kMaxConnections && !drop_useless()) return nullptr;
    connections.push_back(std::make_shared<StreamConnection>(peer, *this));
    const bool only_try = settings.max_connect_attempts == 1;
    connections.back()->start(only_try ? nanoseconds(kQuestionTime) : dial_timeout);
    return connections.back().get();
  }

  // Gives up a connection whose other end is busy with what nobody waits for any more.
  bool drop_useless() {
    const Clock::time_point now = Clock::now();
    const auto useless = std::ranges::find_if(connections, [&](const auto& c) {
      return c->idle() && (c->suspect() || c->pipeline().holds_up(now, usual));
    });
    if (useless == connections.end()) return false;
    (*useless)->release();
    connections.erase(useless);
    return true;
  }

  [[nodiscard]] size_t connecting() const {
    return static_cast<size_t>(
        std::ranges::count_if(connections, [](const auto& c) { return c->connecting(); }));
  }

  // An open connection, else one that is being set up, else a new one; null when there are too
  // many. `fresh`: not an open one.
  StreamConnection* choose(size_t size, bool fresh) {
    StreamConnection* open = fresh ? nullptr : choose_open(size);
    if (open != nullptr) return open;
    const auto at =
        std::ranges::find_if(connections, [](const auto& c) { return c->connecting(); });
    if (at != connections.end()) return (*at)->has_room(size) ? at->get() : nullptr;
    StreamConnection* made = connect();
    return made != nullptr || fresh ? made : choose_least(size);
  }

  // False when there is no room for the query.
  bool put_under_way(uint32_t place, bool fresh) {
    StreamConnection* connection = choose(queries[place].message.size() + 2, fresh);
    if (connection == nullptr) return false;
    put_on(place, *connection);
    return true;
  }

  void put_on(uint32_t place, StreamConnection& connection) {
    Query& query = queries[place];
    query.connection = &connection;
    query.reused = connection.open();
    connection.send(place, query.message);
    if (connection.pipeline().has_behind()) watch();
  }

  void watch() {
    if (watching || shut_down) return;
    watching = true;
    relief.expires_after(usual);
    relief.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (error || self == nullptr || self->shut_down) return;
      self->watching = false;
      self->relieve();
    });
  }

  // Gives those that have waited behind others for too long a connection each, as far as there may
  // be more. Looks again while any are left.
  void relieve() {
    const Clock::time_point now = Clock::now();
    bool more = false;
    const auto all = connections;  // moving a query may end a connection
    for (const auto& connection : all) {
      while (connection->open()) {
        const auto place = connection->pipeline().held_up(now, usual);
        if (!place || !move(*place, *connection)) break;
      }
      more |= connection->open() && connection->pipeline().has_behind();
    }
    if (more) watch();
  }

  bool move(uint32_t place, StreamConnection& from) {
    const size_t size = queries[place].message.size() + 2;
    // Where it is known how many are worked on at once, room is as good as nobody else.
    StreamConnection* to = from.pipeline().width() != 0 ? choose_open(size) : choose_free();
    if (to == nullptr && connecting() < kMaxConnecting) to = connect();
    if (to == nullptr || !to->has_room(size)) return false;
    put_on(place, *to);
    from.cancel(place);
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
    if (peer.doh == nullptr) return user.on_stream_error(token, text);
    user.on_stream_error(token, peer.doh->prefix + std::string(text));
  }

  void forget(const StreamConnection& connection) {
    std::erase_if(connections, [&connection](const auto& c) { return c.get() == &connection; });
  }

  void shut() {
    shut_down = true;
    net::quietly([this] { relief.cancel(); });
    for (const auto& connection : connections) connection->release();
    connections.clear();
  }

  void on_open(StreamConnection& connection, nanoseconds took) override {
    dial_timeout = std::clamp(took * kDialPatience, kShortestDial, kLongestDial);
    for (const uint32_t place : connection.pipeline().queries()) user.on_sent(queries[place].token);
    // Some may have had to wait until this one was set up, or are more than it works on at once.
    if (watching || connection.pipeline().width() != 0) relieve();
    if (connection.pipeline().has_behind()) watch();
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

  void on_failed(StreamConnection&, uint32_t place, std::string_view text,
                 bool untouched) override {
    const auto self = shared_from_this();  // the user may destroy the pool
    Query& query = queries[place];
    query.connection = nullptr;
    const bool again = untouched && !query.retried;
    query.retried = true;
    if (!again || !put_under_way(place, true)) fail(place, text);
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

StreamPool::Sent StreamPool::send(uint32_t token, std::span<const uint8_t> query,
                                  std::chrono::nanoseconds usual) {
  impl_->usual = usual;
  const uint32_t place = impl_->add(token, query);
  if (query.size() < dns::kHeaderSize || query.size() > kMaxMessage) {
    impl_->fail_later(place, "dns: bad message size");
  } else if (!impl_->put_under_way(place, false)) {
    impl_->fail_later(place, "too many queries on the connections to the upstream");
  }
  return {.place = place, .reused = impl_->queries[place].reused};
}

void StreamPool::cancel(uint32_t place, uint32_t token) {
  if (place >= impl_->queries.size()) return;
  const Impl::Query& query = impl_->queries[place];
  if (!query.active || query.token != token) return;
  StreamConnection* connection = query.connection;
  impl_->remove(place);
  if (connection != nullptr) connection->cancel(place);
}

}  // namespace fairlead::forward
