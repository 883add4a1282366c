// Bodies that a real API server sent (test/data/api-recordings), in pieces of several sizes.
#include <doctest/doctest.h>

#include "test/unit/k8s-watch/recorder.h"

using namespace fairlead;
using namespace fairlead::k8s_watch;
using zones::Kind;

namespace {

constexpr size_t kPieces[] = {1, 7, 4096, 1U << 30U};

/// The list decoded, the same for every size of pieces.
Recorder replay_list(Kind kind, const std::string& name) {
  const std::string body = recording(name);
  Recorder first;
  for (const size_t size : kPieces) {
    Recorder recorder;
    ListDecoder decoder(kind);
    REQUIRE(feed_in_pieces(decoder, body, size, recorder));
    REQUIRE(decoder.finish());
    if (first.lines.empty()) first = recorder;
    CHECK(recorder.lines == first.lines);
  }
  return first;
}

Recorder replay_watch(Kind kind, const std::string& name) {
  const std::string body = recording(name);
  Recorder first;
  for (const size_t size : kPieces) {
    Recorder recorder;
    WatchDecoder decoder(kind);
    REQUIRE(feed_in_pieces(decoder, body, size, recorder));
    if (first.lines.empty()) first = recorder;
    CHECK(recorder.lines == first.lines);
  }
  return first;
}

struct KindCase {
  Kind kind;
  const char* name;
  size_t objects;
  size_t gone = 0;
};

constexpr KindCase kKinds[] = {{Kind::Namespace, "namespaces", 11},
                               {Kind::Service, "services", 50},
                               {Kind::EndpointSlice, "endpointslices", 29},
                               {Kind::Pod, "pods", 17, 1}};

}  // namespace

TEST_CASE("replay: a WatchList says the same as the list, and when it has said it all") {
  for (const KindCase& row : kKinds) {
    CAPTURE(row.name);
    const Recorder list = replay_list(row.kind, std::string("list-") + row.name + "-json");
    CHECK(list.count("ADDED") == row.objects);
    CHECK(list.count("DELETED") == row.gone);
    CHECK(list.count("SKIPPED") == 0);
    Recorder watch = replay_watch(row.kind, std::string("watchlist-") + row.name + "-json");
    REQUIRE(watch.lines.size() == row.objects + row.gone + 1);
    CHECK(watch.lines.back().starts_with("BOOKMARK @29"));
    CHECK(watch.lines.back().ends_with(" end"));
    watch.lines.pop_back();
    for (const std::string& line : list.lines) CHECK(watch.has(line));
  }
}

TEST_CASE("replay: services of every type") {
  const Recorder list = replay_list(Kind::Service, "list-services-json");
  const auto has = [&](const std::string& text) {
    return list.count("ADDED service " + text) == 1;
  };
  CHECK(has("dns-a/db headless sql/TCP/5432 @"));
  CHECK(has("dns-a/dual cluster 10.96.10.3 fd00:10:96::a03 http/TCP/80 @"));
  CHECK(has("dns-a/v6first cluster fd00:10:96::a05 10.96.10.5 http/TCP/80 @"));
  CHECK(has("dns-a/ext external host.example.test @"));
  CHECK(has("dns-a/ext-dot external host.example.test. @"));
  CHECK(has("dns-a/ext-port external host.example.test http/TCP/80 @"));
  CHECK(has("dns-a/hl-noports headless @"));
  CHECK(has("dns-a/unnamed cluster 10.96.10.2 /TCP/7000 @"));
  CHECK(has("dns-a/lb cluster 10.96.10.10 http/TCP/80 @"));
  CHECK(has("dns-a/nodeport cluster 10.96.10.9 http/TCP/80 @"));
  CHECK(
      has("dns-a/multiproto cluster 10.96.10.6 dns/UDP/53 dns-tcp/TCP/53 sig/SCTP/9999 "
          "p23456789-12345/TCP/65535 @"));
}

TEST_CASE("replay: endpoint slices keep what is ready") {
  const Recorder list = replay_list(Kind::EndpointSlice, "list-endpointslices-json");
  const auto has = [&](const std::string& text) { return list.count("ADDED slice " + text) == 1; };
  CHECK(
      has("dns-a/hl-1 of hl http/TCP/8080 peer/UDP/7001 {alpha| 10.244.9.1} {beta| 10.244.9.2} {| "
          "10.244.9.3} "
          "{7| 10.244.9.4} @"));
  CHECK(has("dns-a/hl-odd-fqdn of hl-odd http/TCP/80 {"));
  CHECK(has("dns-a/hl-odd-unlabelled of  http/TCP/80 {"));
  CHECK(has("dns-a/hl-notready-1 of hl-notready http/TCP/80 @"));
  CHECK(has("dns-a/hl-publish-manual-1 of hl-publish-manual http/TCP/80 @"));
  CHECK(has("dns-a/hl-unnamed-1 of hl-unnamed /TCP/8080 {"));
  CHECK(has("dns-a/noeps-zw26c of noeps at 1795225017000 @"));
  CHECK(
      has("kube-system/kube-dns-cdf6r of kube-dns dns/UDP/53 dns-tcp/TCP/53 metrics/TCP/9153 "
          "{|coredns-778f5c947c-f4b8b 10.244.0.6} at 1795230181000 @"));
}

TEST_CASE("replay: pods that have finished are gone") {
  const Recorder list = replay_list(Kind::Pod, "list-pods-json");
  CHECK(list.count("DELETED dns-b/done @") == 1);
  CHECK(list.count("ADDED pod dns-b/pending @") == 1);
  CHECK(list.count("ADDED pod dns-b/hostnet 192.0.2.99 @") == 1);
}

TEST_CASE("replay: changes arrive in order, bookmarks among them") {
  CHECK(replay_watch(Kind::Service, "watch-services-json").lines ==
        std::vector<std::string>{"ADDED service rec/w headless http/TCP/80 @2906",
                                 "MODIFIED service rec/w headless http/TCP/80 @2909",
                                 "DELETED rec/w @2915", "BOOKMARK @2923", "BOOKMARK @2923"});
  CHECK(replay_watch(Kind::EndpointSlice, "watch-endpointslices-json").lines.at(2) ==
        "DELETED rec/w-1 @2916");
  // A namespace exists until it is deleted; a pod does not from the moment its end begins.
  CHECK(replay_watch(Kind::Namespace, "watch-namespaces-json").lines ==
        std::vector<std::string>{"ADDED namespace rec2 @2912", "MODIFIED namespace rec2 @2919",
                                 "MODIFIED namespace rec2 @2922", "DELETED /rec2 @2923",
                                 "BOOKMARK @2923"});
  CHECK(replay_watch(Kind::Pod, "watch-pods-json").lines ==
        std::vector<std::string>{"ADDED pod rec/w @2908", "MODIFIED pod rec/w 10.244.99.1 @2911",
                                 "DELETED rec/w @2917", "DELETED rec/w @2918", "BOOKMARK @2925"});
  CHECK(replay_watch(Kind::Service, "watch-legacy-rv0").count("ADDED service dns-b/") == 5);
}

TEST_CASE("replay: pages, and a list of nothing") {
  ListDecoder page(Kind::Service);
  Recorder recorder;
  CHECK(page.feed(recording("list-services-page1"), recorder));
  CHECK(page.finish());
  CHECK(recorder.count("ADDED") == 3);
  CHECK(page.resource_version() == "2904");
  CHECK(page.continue_token().starts_with("eyJ2Ijoi"));
  CHECK(replay_list(Kind::Service, "list-services-page2").count("ADDED") == 3);

  ListDecoder empty(Kind::Service);
  Recorder nothing;
  CHECK(empty.feed(recording("list-empty"), nothing));
  CHECK(empty.finish());
  CHECK(nothing.lines.empty());
  CHECK(empty.resource_version() == "2904");
  CHECK(empty.continue_token().empty());
}

TEST_CASE("replay: errors") {
  struct Row {
    const char* name;
    int code;
    const char* reason;
    int retry;
  };
  for (const Row& row :
       {Row{"error-401", 401, "Unauthorized", 0}, Row{"error-403-user", 403, "Forbidden", 0},
        Row{"error-410-exact", 410, "Expired", 0}, Row{"error-410-continue", 410, "Expired", 0},
        Row{"error-422-watchlist", 422, "Invalid", 0},
        Row{"error-504-future", 504, "Timeout", 1}}) {
    CAPTURE(row.name);
    const Status status = decode_status(recording(row.name));
    CHECK(status.code == row.code);
    CHECK(status.reason == row.reason);
    CHECK(status.retry_after_seconds == row.retry);
    CHECK_FALSE(status.message.empty());
    ListDecoder decoder(Kind::Service);
    Recorder recorder;
    CHECK_FALSE((decoder.feed(recording(row.name), recorder) && decoder.finish()));
  }
  CHECK(replay_watch(Kind::Service, "watch-error-410-json").lines ==
        std::vector<std::string>{"ERROR 410 Expired"});
}
