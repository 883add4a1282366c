// Imports, a kind that an API server need not have, against a scripted one on loopback.
#include <mutex>

#include "k8s-watch/api_watch.h"
#include "net/asio.h"
#include "test/unit/k8s-watch/http_server.h"
// Both include doctest, whose macros have short names.
#include <doctest/doctest.h>

namespace fairlead::k8s_watch {
namespace {

using namespace std::chrono_literals;

constexpr const char* kEndOfInitialEvents =
    R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"1",)"
    R"("annotations":{"k8s.io/initial-events-end":"true"}}}})"
    "\n";

struct Quiet : Observer {
  void log(LogLevel, const std::string&) override {}
  void object_skipped(zones::Kind, const std::string&) override {}
  void api_request(const std::string&, const std::string&, const std::string&,
                   std::chrono::nanoseconds) override {}
  void event(zones::Kind) override {}
  void relisted(zones::Kind, const std::string&, size_t) override {}
  void programmed(bool, std::chrono::nanoseconds) override {}
};

// Everything else is listed and empty; imports are refused with a status.
struct RefusedImports {
  explicit RefusedImports(int status) : code(status) {}

  void serve(test::Peer& peer) {
    while (const auto request = peer.read()) {
      if (request->target.find("/serviceimports?") != std::string::npos) {
        peer.write(test::response(code, "{}"));
        continue;
      }
      if (request->target.find("/endpointslices?") != std::string::npos) {
        const std::lock_guard lock(mutex);
        slices = request->target;
      }
      peer.write(test::chunked_head() + test::chunk(kEndOfInitialEvents));
      return peer.wait_closed();
    }
  }

  const int code;
  std::mutex mutex;
  std::string slices;  // how slices were asked for
  test::HttpServer server{[this](test::Peer& peer) { serve(peer); }};
};

}  // namespace

TEST_CASE("api watch: imports that are not there, or may not be read, keep nobody waiting") {
  for (const int code : {404, 403}) {
    CAPTURE(code);
    RefusedImports api(code);
    asio::io_context io{1};
    std::shared_ptr<const zones::Snapshot> snapshot;
    WatchOptions options;
    options.extras.imports = true;
    options.endpoint_slices = false;
    options.labels = "a=b";
    ApiAccess access;
    access.url = api.server.url();
    const auto watch = make_api_watch(io, options, [&](auto next) { snapshot = std::move(next); },
                                      std::make_shared<Quiet>(),
                                      {.access = [&] { return access; }, .patience = {}});
    watch->start();
    const auto limit = Clock::now() + 20s;
    const auto synced = [&] { return snapshot != nullptr && snapshot->synced(); };
    while (!synced() && Clock::now() < limit) io.run_one_for(100ms);
    watch->stop();
    io.run();
    REQUIRE(synced());
    CHECK(snapshot->imports_synced() == (code == 404));
    const std::lock_guard lock(api.mutex);
    // What is read of them are those of imports.
    CHECK(api.slices.ends_with("&labelSelector=a%3Db%2Cmulticluster.kubernetes.io%2Fservice-name"));
  }
}

}  // namespace fairlead::k8s_watch
