#include "k8s-watch/protobuf.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "k8s-watch/decode.h"
#include "test/unit/k8s-watch/protobuf_text.h"
#include "test/unit/k8s-watch/recorder.h"

using namespace fairlead;
using namespace fairlead::k8s_watch;
using namespace fairlead::k8s_watch::test;
using zones::Kind;

namespace {

std::vector<std::string> watch(Kind kind, const std::string& text, bool good = true) {
  return decoded_by<ProtobufWatchDecoder>(kind, text, good);
}

std::string one(Kind kind, const std::string& type, const std::string& raw) {
  const auto lines = watch(kind, event("ADDED", envelope(type, raw)));
  REQUIRE_FALSE(lines.empty());
  return lines.size() == 1 ? lines.front() : lines.front() + "; " + lines.back();
}

std::string service(const std::string& spec) {
  return one(Kind::Service, "Service", kMeta + bytes(2, spec));
}

std::string slice(const std::string& rest) {
  const std::string label = bytes(1, "kubernetes.io/service-name") + bytes(2, "s");
  return one(Kind::EndpointSlice, "EndpointSlice",
             bytes(1, bytes(1, "e") + bytes(3, "n") + bytes(11, label)) + rest);
}

std::string pod(const std::string& status) {
  return one(Kind::Pod, "Pod", kMeta + bytes(3, status));
}

std::string port(const std::string& name, const std::string& protocol, uint64_t value) {
  return bytes(1, name) + bytes(2, protocol) + number(3, value);
}

/// Versions are given by the server that was recorded, not by who wrote the objects.
std::vector<std::string> without_versions(std::vector<std::string> lines) {
  for (std::string& line : lines) line.resize(std::min(line.size(), line.find(" @")));
  return lines;
}

}  // namespace

TEST_CASE("protobuf: what an API server sends says the same as its JSON") {
  const std::pair<Kind, const char*> kinds[] = {{Kind::Namespace, "namespaces"},
                                                {Kind::Service, "services"},
                                                {Kind::EndpointSlice, "endpointslices"},
                                                {Kind::Pod, "pods"}};
  for (const auto& [kind, name] : kinds) {
    CAPTURE(name);
    Recorder json;
    ListDecoder list(kind);
    REQUIRE(list.feed(recording(std::string("list-") + name + "-json"), json));
    const std::string stream = recording(std::string("watchlist-") + name + "-protobuf");
    for (const size_t size : {size_t{1}, size_t{7}, size_t{4096}, stream.size()}) {
      CAPTURE(size);
      Recorder recorder;
      ProtobufWatchDecoder decoder(kind);
      REQUIRE(feed_in_pieces(decoder, stream, size, recorder));
      // The server that was recorded had its own service and namespaces besides.
      const std::vector<std::string> said = without_versions(recorder.lines);
      CHECK(std::ranges::count(said, "BOOKMARK") >= 1);
      CHECK(recorder.count("SKIPPED") == 0);
      for (const std::string& line : without_versions(json.lines)) {
        CAPTURE(line);
        if (line.find(" default/kubernetes") == std::string::npos)
          CHECK(std::ranges::count(said, line) == 1);
      }
    }
  }
}

TEST_CASE("protobuf: service") {
  CHECK(service(bytes(3, "10.0.0.1")) == "ADDED service n/s cluster 10.0.0.1");
  CHECK(service(bytes(3, "10.0.0.1") + bytes(18, "10.0.0.2") + bytes(18, "::1")) ==
        "ADDED service n/s cluster 10.0.0.2 ::1");
  CHECK(service(bytes(3, "None")) == "ADDED service n/s headless");
  CHECK(service(bytes(18, "None")) == "ADDED service n/s headless");
  CHECK(service(bytes(3, "") + bytes(4, "")) == "ADDED service n/s cluster");
  CHECK(service(bytes(4, "ExternalName") + bytes(10, "a.b") + bytes(3, "None")) ==
        "ADDED service n/s external a.b");
  CHECK(service(bytes(1, port("", "", 1)) + bytes(1, port("x", "SCTP", 65535))) ==
        "ADDED service n/s cluster /TCP/1 x/SCTP/65535");
}

TEST_CASE("protobuf: service with a field that cannot be used is skipped with its name") {
  CHECK(one(Kind::Service, "Service", kMeta) == "SKIPPED n/s missing spec");
  CHECK(service(number(3, 7)) == "SKIPPED n/s type spec");
  CHECK(service(bytes(18, "10.0.0.256") + bytes(18, "010.0.0.1")) ==
        "OMITTED n/s address spec.clusterIPs; ADDED service n/s cluster 10.0.0.1");
  CHECK(service(bytes(4, "ExternalName")) == "SKIPPED n/s missing spec.externalName");
  CHECK(service(bytes(4, "ExternalName") + bytes(10, "a b")) ==
        "SKIPPED n/s name spec.externalName");
  const std::string nothing = "; ADDED service n/s cluster";
  CHECK(service(bytes(1, port("x", "", 0))) == "OMITTED n/s port spec.ports.port" + nothing);
  CHECK(service(bytes(1, port("x", "", 65536))) == "OMITTED n/s port ports.port" + nothing);
  CHECK(service(bytes(1, port("x", "", ~uint64_t{0}))) == "OMITTED n/s port ports.port" + nothing);
  CHECK(service(bytes(1, port("x y", "", 1))) == "OMITTED n/s name ports.name" + nothing);
  CHECK(service("\x0a\x7f") == "SKIPPED n/s type spec");
}

TEST_CASE("protobuf: slice") {
  const std::string first = bytes(1, "10.0.0.1") + bytes(1, "10.0.0.2");
  CHECK(slice(bytes(2, first) + bytes(3, port("x", "TCP", 1))) ==
        "ADDED slice n/e of s x/TCP/1 {| 10.0.0.1 10.0.0.2}");
  CHECK(slice(bytes(2, first + bytes(2, number(1, 0)))) == "ADDED slice n/e of s");
  CHECK(slice(bytes(2, bytes(1, "::1") + bytes(2, number(1, 1)) + bytes(3, "h"))) ==
        "ADDED slice n/e of s {h| ::1}");
  const std::string target = bytes(1, "Pod") + bytes(3, "p");
  CHECK(slice(bytes(2, bytes(1, "::1") + bytes(4, target))) == "ADDED slice n/e of s {|p ::1}");
  CHECK(slice(bytes(2, bytes(1, "::1") + bytes(4, bytes(1, "Node") + bytes(3, "p")))) ==
        "ADDED slice n/e of s {| ::1}");
  CHECK(slice(bytes(2, bytes(1, "a.example")) + bytes(4, "FQDN")) ==
        "ADDED slice n/e of s {| a.example}");
  CHECK(slice(bytes(2, bytes(1, "a b") + bytes(1, "c")) + bytes(4, "FQDN")) ==
        "OMITTED n/e name endpoints.addresses; ADDED slice n/e of s {| c}");
  CHECK(slice(bytes(3, port("", "", 0)) + bytes(3, port("all", "", 0))) ==
        "ADDED slice n/e of s all/TCP/0");
  CHECK(slice(bytes(2, bytes(1, "10.0.0") + bytes(1, "10.0.0.01"))) ==
        "OMITTED n/e address endpoints.addresses; ADDED slice n/e of s {| 10.0.0.1}");
  CHECK(slice(bytes(2, bytes(1, "::1") + bytes(3, "a b"))) ==
        "OMITTED n/e name endpoints.hostname; ADDED slice n/e of s {| ::1}");
}

TEST_CASE("protobuf: pod") {
  CHECK(pod(bytes(1, "Running") + bytes(6, "10.0.0.1")) == "ADDED pod n/s 10.0.0.1");
  CHECK(pod(bytes(6, "10.0.0.1") + bytes(12, bytes(1, "10.0.0.2")) + bytes(12, bytes(1, "::1"))) ==
        "ADDED pod n/s 10.0.0.2 ::1");
  CHECK(pod("") == "ADDED pod n/s");
  for (const char* phase : {"Succeeded", "Failed", "Unknown"})
    CHECK(pod(bytes(1, phase) + bytes(6, "10.0.0.1")) == "DELETED n/s");
  CHECK(pod(bytes(6, "10.0.0.")) == "OMITTED n/s address status.podIP; ADDED pod n/s");
  const std::string leaving = bytes(1, bytes(1, "s") + bytes(3, "n") + bytes(9, number(1, 5)));
  CHECK(one(Kind::Pod, "Pod", leaving) == "DELETED n/s");
}

TEST_CASE("protobuf: objects that are none, and names that are none") {
  const std::string empty = envelope("Service", "");
  CHECK(watch(Kind::Service, event("ADDED", empty)).front() == "SKIPPED / missing metadata");
  CHECK(watch(Kind::Service, event("ADDED", "{}")).front() == "SKIPPED / type object");
  CHECK(watch(Kind::Service, event("ADDED", "")).front() == "SKIPPED / type object");
  CHECK(one(Kind::Service, "Pod", kMeta) == "SKIPPED / type kind");
  CHECK(one(Kind::Service, "Service", bytes(1, bytes(1, "a b") + bytes(3, "n")) + bytes(2, "")) ==
        "SKIPPED n/a b name metadata.name");
  CHECK(one(Kind::Pod, "Pod", bytes(1, bytes(1, "a"))) == "SKIPPED /a name metadata.namespace");
  CHECK(watch(Kind::Service, event("NEW", empty)).front() == "SKIPPED / event type NEW");
}

TEST_CASE("protobuf: deletions, bookmarks and errors") {
  const std::string versioned = bytes(1, bytes(1, "s") + bytes(3, "n") + bytes(6, "12"));
  CHECK(watch(Kind::Service, event("DELETED", envelope("Service", versioned))).front() ==
        "DELETED n/s @12");
  const std::string note = bytes(1, "k8s.io/initial-events-end") + bytes(2, "true");
  const std::string meta = bytes(1, bytes(6, "40") + bytes(12, note));
  CHECK(watch(Kind::Pod, event("BOOKMARK", envelope("Pod", meta))).front() == "BOOKMARK @40 end");
  const std::string status = bytes(3, "too old") + bytes(4, "Expired") + number(6, 410);
  CHECK(watch(Kind::Pod, event("ERROR", envelope("Status", status))).front() ==
        "ERROR 410 Expired");
}

TEST_CASE("protobuf: a stream that is broken stays so") {
  const std::string good =
      event("ADDED", envelope("Service", kMeta + bytes(2, bytes(3, "10.0.0.1"))));
  const std::string bad[] = {frame("\x0a\x7fx"), frame(std::string(1, '\0')), frame("\x0b"),
                             frame("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
                             std::string("\x7f\xff\xff\xff", 4)};
  for (const std::string& text : bad) {
    Recorder recorder;
    ProtobufWatchDecoder decoder(Kind::Service);
    CHECK(decoder.feed(good, recorder));
    CHECK_FALSE(decoder.feed(text, recorder));
    CHECK_FALSE(decoder.feed(good, recorder));
    CHECK(recorder.lines.size() == 1);
  }
}

TEST_CASE("protobuf: a frame that stops short is not reported") {
  const std::string good =
      event("ADDED", envelope("Service", kMeta + bytes(2, bytes(3, "10.0.0.1"))));
  for (size_t size = 0; size < good.size(); ++size)
    CHECK(watch(Kind::Service, good.substr(0, size)).empty());
  CHECK(watch(Kind::Service, good + good).size() == 2);
}

TEST_CASE("protobuf: a status is read whatever it was encoded in") {
  const Status status = decode_status(recording("error-422-protobuf"));
  CHECK(status.code == 422);
  CHECK(status.reason == "Invalid");
  CHECK(status.message.find("sendInitialEvents requires") != std::string::npos);
  const std::string busy = bytes(5, number(5, 9)) + number(6, 429);
  CHECK(decode_status(envelope("Status", busy)).retry_after_seconds == 9);
}
