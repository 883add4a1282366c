// The whole watch, against a scripted API server on loopback.
#include "k8s-watch/api_watch.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "net/asio.h"
#include "test/unit/k8s-watch/http_server.h"
#include "test/unit/support/temporary_folder.h"
// Both include doctest, whose macros have short names.
#include <doctest/doctest.h>

#include "test/unit/k8s-watch/recorder.h"

namespace fairlead::k8s_watch {
namespace {

using namespace std::chrono_literals;
using test::chunk;
using test::chunked_head;
using test::HttpServer;
using test::Peer;
using test::Request;
using test::response;

const zones::Kind kKinds[] = {zones::Kind::Namespace, zones::Kind::Service,
                              zones::Kind::EndpointSlice, zones::Kind::Pod,
                              zones::Kind::ServiceImport};

bool asks(const Request& request, const std::string& text) {
  return request.target.find(text) != std::string::npos;
}

zones::Kind kind_of(const Request& request) {
  for (const zones::Kind kind : kKinds) {
    if (asks(request, std::string("/") + zones::resource_name(kind) + "?")) return kind;
  }
  throw std::runtime_error("no such resource: " + request.target);
}

std::string service(const std::string& name, const std::string& ip) {
  return R"({"kind":"Service","apiVersion":"v1","metadata":{"name":")" + name +
         R"(","namespace":"default","resourceVersion":"5"},"spec":{"type":"ClusterIP","clusterIP":")" +
         ip + R"(","clusterIPs":[")" + ip +
         R"("],"ports":[{"name":"http","protocol":"TCP","port":80}]}})";
}

std::string event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

std::string initial_end(const std::string& version) {
  return event("BOOKMARK", R"({"metadata":{"resourceVersion":")" + version +
                               R"(","annotations":{"k8s.io/initial-events-end":"true"}}})");
}

std::string expired() {
  return event("ERROR", R"({"kind":"Status","message":"too old","reason":"Expired","code":410})");
}

// A stream that stays open until the other side has enough of it.
void stream(Peer& peer, const std::string& events) {
  peer.write(chunked_head() + chunk(events));
  peer.wait_closed();
}

// Answers WatchLists of kinds that do not matter with nothing, and leaves the rest to `script`.
HttpServer::Script services(std::function<void(Peer&, const Request&)> script) {
  return [script = std::move(script)](Peer& peer) {
    while (const auto request = peer.read()) {
      if (kind_of(*request) != zones::Kind::Service) return stream(peer, initial_end("1"));
      script(peer, *request);
    }
  };
}

struct Notes : Observer {
  std::vector<std::string> logs, codes, relists;
  size_t events = 0, skipped = 0;

  void log(LogLevel, const std::string& text) override { logs.push_back(text); }
  void object_skipped(zones::Kind, const std::string&) override { ++skipped; }
  void api_request(const std::string&, const std::string&, const std::string& code,
                   std::chrono::nanoseconds) override {
    codes.push_back(code);
  }
  void event(zones::Kind) override { ++events; }
  void relisted(zones::Kind kind, const std::string& reason, size_t removed) override {
    relists.push_back(std::string(zones::resource_name(kind)) + " " + reason + " " +
                      std::to_string(removed));
  }
  void programmed(bool, std::chrono::nanoseconds) override {}

  [[nodiscard]] bool logged(const std::string& part) const {
    return std::ranges::any_of(
        logs, [&](const auto& text) { return text.find(part) != std::string::npos; });
  }
};

struct Cluster {
  asio::io_context io{1};
  std::shared_ptr<Notes> notes = std::make_shared<Notes>();
  std::shared_ptr<const zones::Snapshot> snapshot;
  size_t published = 0;
  ApiAccess access;
  WatchOptions options;
  ApiPatience patience;
  std::unique_ptr<ClusterWatch> watch;

  explicit Cluster(const HttpServer& server) { access.url = server.url(); }

  void start() {
    watch = make_api_watch(io, options,
                           [this](auto next) {
                             snapshot = std::move(next);
                             ++published;
                           },
                           notes, {.access = [this] { return access; }, .patience = patience});
    watch->start();
  }

  // Runs until `reached` holds; false when that takes longer than any test should.
  bool run_until(const std::function<bool()>& reached) {
    const auto limit = Clock::now() + 20s;
    while (!reached() && Clock::now() < limit) io.run_one_for(100ms);
    return reached();
  }

  [[nodiscard]] bool synced() const { return snapshot != nullptr && snapshot->synced(); }
  [[nodiscard]] bool has(const std::string& name, const std::string& space = "default") const {
    const auto* found = snapshot == nullptr ? nullptr : snapshot->service(space, name);
    return found != nullptr && found->declared;
  }

  ~Cluster() {
    if (watch == nullptr) return;
    watch->stop();
    const size_t before = published;
    io.run();
    CHECK(published == before);
  }
};

TEST_CASE("api watch: a real server's WatchList streams make a snapshot") {
  HttpServer server([](Peer& peer) {
    const auto request = peer.read();
    if (!request) return;
    CHECK(asks(*request, "sendInitialEvents=true"));
    stream(peer, recording(std::string("watchlist-") + zones::resource_name(kind_of(*request)) +
                           "-json"));
  });
  Cluster cluster(server);
  cluster.options.pods = true;
  cluster.start();
  REQUIRE(cluster.run_until([&] { return cluster.synced(); }));
  CHECK(cluster.has("dual", "dns-a"));
  CHECK(cluster.has("hl", "dns-a"));
  CHECK_FALSE(cluster.has("nope", "dns-a"));
  CHECK(cluster.snapshot->has_namespace("dns-a"));
  CHECK(cluster.notes->codes == std::vector<std::string>(4, "200"));
  CHECK(cluster.notes->relists.size() == 4);
}

TEST_CASE("api watch: a real server's LIST and WATCH, where WatchList is not known") {
  std::mutex mutex;
  std::set<zones::Kind> watched;
  std::atomic<bool> ended = false;  // the recorded watch of services, to its end
  HttpServer server([&](Peer& peer) {
    while (const auto request = peer.read()) {
      const zones::Kind kind = kind_of(*request);
      const std::string resource = zones::resource_name(kind);
      if (asks(*request, "sendInitialEvents")) {
        peer.write(response(422, recording("error-422-watchlist")));
      } else if (!asks(*request, "watch=true")) {
        peer.write(response(200, recording("list-" + resource + "-json")));
      } else {
        const std::lock_guard lock(mutex);
        const bool first = watched.insert(kind).second;
        if (!first && kind == zones::Kind::Service) ended = true;
        peer.write(chunked_head() + chunk(first ? recording("watch-" + resource + "-json") : "") +
                   (first ? chunk("") : ""));
      }
    }
  });
  Cluster cluster(server);
  cluster.start();
  REQUIRE(cluster.run_until([&] { return cluster.synced(); }));
  CHECK(cluster.has("dual", "dns-a"));
  // The recorded watch adds a service and deletes it again.
  CHECK(cluster.run_until([&] { return ended && !cluster.has("w", "rec"); }));
}

TEST_CASE("api watch: events of one read make one snapshot") {
  HttpServer server(services([](Peer& peer, const Request&) {
    stream(peer, event("ADDED", service("a", "10.0.0.1")) +
                     event("ADDED", service("b", "10.0.0.2")) + initial_end("9"));
  }));
  Cluster cluster(server);
  cluster.start();
  REQUIRE(cluster.run_until([&] { return cluster.synced() && cluster.has("b"); }));
  CHECK(cluster.has("a"));
  CHECK(cluster.published <= 3);
}

TEST_CASE("api watch: after a 410 the list is compared, and what is gone goes") {
  std::atomic<int> lists = 0;
  HttpServer server(services([&](Peer& peer, const Request&) {
    if (++lists == 1) {
      stream(peer, event("ADDED", service("a", "10.0.0.1")) +
                       event("ADDED", service("b", "10.0.0.2")) + initial_end("9") + expired());
    } else {
      stream(peer, event("ADDED", service("b", "10.0.0.2")) +
                       event("ADDED", service("c", "10.0.0.3")) + initial_end("20"));
    }
  }));
  Cluster cluster(server);
  cluster.start();
  bool b_was_missing = false;
  REQUIRE(cluster.run_until([&] {
    b_was_missing = b_was_missing || (cluster.synced() && !cluster.has("b"));
    return cluster.synced() && cluster.has("c") && !cluster.has("a");
  }));
  CHECK_FALSE(b_was_missing);
  CHECK(cluster.notes->relists.back() == "services expired 1");
}

TEST_CASE("api watch: a stream that falls silent is replaced, from the last version") {
  std::atomic<int> requests = 0;
  HttpServer server(services([&](Peer& peer, const Request& request) {
    if (++requests == 1)
      return stream(peer, event("ADDED", service("a", "10.0.0.1")) + initial_end("9"));
    CHECK(asks(request, "resourceVersion=9&"));
    stream(peer, event("ADDED", service("late", "10.0.0.2")));
  }));
  Cluster cluster(server);
  cluster.patience.idle = 100ms;
  cluster.start();
  CHECK(cluster.run_until([&] { return cluster.has("late"); }));
  CHECK(cluster.has("a"));
}

TEST_CASE("api watch: what was known stays while the server is away, and a new server is found") {
  auto server = std::make_unique<HttpServer>(services([](Peer& peer, const Request&) {
    stream(peer, event("ADDED", service("a", "10.0.0.1")) + initial_end("9"));
  }));
  Cluster cluster(*server);
  cluster.start();
  REQUIRE(cluster.run_until([&] { return cluster.synced(); }));
  server.reset();
  REQUIRE(cluster.run_until([&] {
    return cluster.notes->logged("connecting: Connection refused") ||
           cluster.notes->logged("Failed to connect");
  }));
  CHECK(cluster.has("a"));
  CHECK(cluster.synced());
  server = std::make_unique<HttpServer>(services(
      [](Peer& peer, const Request&) { stream(peer, event("ADDED", service("b", "10.0.0.2"))); }));
  cluster.access.url = server->url();
  CHECK(cluster.run_until([&] { return cluster.has("b"); }));
  CHECK(cluster.has("a"));
}

TEST_CASE("api watch: a token file is read again when its token is refused") {
  const fairlead::test::TemporaryFolder folder;
  folder.write("token", "old\n");
  std::atomic<int> refused = 0;
  HttpServer server([&](Peer& peer) {
    while (const auto request = peer.read()) {
      if (request->headers.at("authorization") == "Bearer new")
        return stream(peer, initial_end("9"));
      ++refused;
      peer.write(response(401, recording("error-401")));
    }
  });
  Cluster cluster(server);
  cluster.access.token_file = folder.path("token");
  cluster.start();
  REQUIRE(cluster.run_until([&] { return refused >= 3; }));
  CHECK_FALSE(cluster.synced());
  folder.write("token", "new\n");
  CHECK(cluster.run_until([&] { return cluster.synced(); }));
}

TEST_CASE(
    "api watch: one kind that is forbidden is said so, and the others are published unsynced") {
  HttpServer server([](Peer& peer) {
    while (const auto request = peer.read()) {
      if (kind_of(*request) == zones::Kind::EndpointSlice) {
        peer.write(response(403, recording("error-403-user")));
      } else if (kind_of(*request) == zones::Kind::Service) {
        return stream(peer, event("ADDED", service("a", "10.0.0.1")) + initial_end("9"));
      } else {
        return stream(peer, initial_end("9"));
      }
    }
  });
  Cluster cluster(server);
  cluster.start();
  CHECK(cluster.run_until([&] {
    return cluster.has("a") && cluster.notes->logged("cannot watch endpointslices: 403");
  }));
  CHECK_FALSE(cluster.snapshot->synced());
}

TEST_CASE("api watch: an object that cannot be used is left out, counted and named once") {
  HttpServer server(services([](Peer& peer, const Request&) {
    const std::string bad =
        R"({"metadata":{"name":"bad","namespace":"default","resourceVersion":"6"},"spec":7})";
    stream(peer, event("ADDED", bad) + event("ADDED", service("a", "10.0.0.1")) + initial_end("9") +
                     event("MODIFIED", bad));
  }));
  Cluster cluster(server);
  cluster.start();
  REQUIRE(cluster.run_until([&] { return cluster.synced() && cluster.notes->skipped == 2; }));
  CHECK(cluster.has("a"));
  CHECK(std::ranges::count_if(cluster.notes->logs, [](const auto& text) {
          return text.find("services default/bad left out") == 0;
        }) == 1);
}

TEST_CASE("api watch: selectors are part of every request, as are User-Agent and Accept") {
  std::mutex mutex;
  std::map<zones::Kind, std::string> targets;
  HttpServer server([&](Peer& peer) {
    const auto request = peer.read();
    if (!request) return;
    CHECK(request->headers.at("user-agent").find("fairlead/") == 0);
    CHECK(request->headers.at("accept") == "application/vnd.kubernetes.protobuf, application/json");
    {
      const std::lock_guard lock(mutex);
      targets[kind_of(*request)] = request->target;
    }
    stream(peer, initial_end("9"));
  });
  Cluster cluster(server);
  cluster.options.labels = "app in (a,b)";
  cluster.options.namespace_labels = "x=y";
  cluster.options.pods = true;
  cluster.options.endpoint_slices = false;
  cluster.start();
  REQUIRE(cluster.run_until([&] { return cluster.synced(); }));
  const std::lock_guard lock(mutex);
  CHECK(targets.size() == 3);
  CHECK(targets[zones::Kind::Namespace].ends_with("&labelSelector=x%3Dy"));
  CHECK(targets[zones::Kind::Service].ends_with("&labelSelector=app%20in%20%28a%2Cb%29"));
  CHECK(
      targets[zones::Kind::Pod].ends_with("&fieldSelector=status.phase%21%3DSucceeded%2Cstatus."
                                          "phase%21%3DFailed%2Cstatus.phase%21%3DUnknown"));
}

TEST_CASE("api watch: a server may answer in protobuf") {
  HttpServer server(services([](Peer& peer, const Request&) {
    peer.write(chunked_head("Content-Type: application/vnd.kubernetes.protobuf;stream=watch\r\n") +
               chunk(recording("watchlist-services-protobuf")));
    peer.wait_closed();
  }));
  Cluster cluster(server);
  cluster.start();
  REQUIRE(cluster.run_until([&] { return cluster.synced(); }));
  CHECK(cluster.has("kubernetes"));
}

TEST_CASE("api watch: no more requests wait for their response than max_inflight says") {
  std::atomic<int> waiting = 0, most = 0;
  HttpServer server([&](Peer& peer) {
    if (!peer.read()) return;
    most = std::max<int>(most, ++waiting);
    --waiting;
    stream(peer, initial_end("9"));
  });
  Cluster cluster(server);
  cluster.options.api.max_inflight = 1;
  cluster.options.api.qps = 100;
  cluster.options.api.burst = 1;
  cluster.start();
  CHECK(cluster.run_until([&] { return cluster.synced(); }));
  CHECK(most == 1);
}

TEST_CASE("rate limit: a burst, then one at a time") {
  const Clock::time_point now{1h};
  RateLimit limit(5, 2);
  CHECK(limit.reserve(now) == 0s);
  CHECK(limit.reserve(now) == 0s);
  CHECK(limit.reserve(now) == 200ms);
  CHECK(limit.reserve(now) == 400ms);
  CHECK(limit.reserve(now + 10s) == 0s);
  CHECK(limit.reserve(now + 10s) == 0s);
  CHECK(limit.reserve(now + 10s) == 200ms);
  RateLimit none(0, 0);
  for (int i = 0; i < 1000; ++i) CHECK(none.reserve(now) == 0s);
}

}  // namespace
}  // namespace fairlead::k8s_watch
