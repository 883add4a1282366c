#include "k8s-watch/decode.h"

#include <doctest/doctest.h>

#include "k8s-watch/decode_objects.h"
#include "test/unit/k8s-watch/recorder.h"

using namespace fairlead;
using namespace fairlead::k8s_watch;
using zones::Kind;

namespace {

/// Wraps items into a list and decodes it.
std::vector<std::string> list_of(Kind kind, const std::string& items) {
  Recorder recorder;
  ListDecoder decoder(kind);
  REQUIRE(decoder.feed(
      R"({"kind":"List","metadata":{"resourceVersion":"9"},"items":[)" + items + "]}", recorder));
  REQUIRE(decoder.finish());
  return recorder.lines;
}

std::string one(Kind kind, const std::string& item) {
  const auto lines = list_of(kind, item);
  REQUIRE_FALSE(lines.empty());
  return lines.size() == 1 ? lines.front() : lines.front() + "; " + lines.back();
}

std::string service(const std::string& spec) {
  return one(Kind::Service, R"({"metadata":{"name":"s","namespace":"n"},"spec":)" + spec + "}");
}

std::string slice(const std::string& rest) {
  return one(
      Kind::EndpointSlice,
      R"({"metadata":{"name":"e","namespace":"n","labels":{"kubernetes.io/service-name":"s"}},)" +
          rest + "}");
}

std::vector<std::string> watch(Kind kind, const std::string& text, bool good = true) {
  return decoded_by<WatchDecoder>(kind, text, good);
}

const std::string kGood = R"({"metadata":{"name":"ok","namespace":"n"},"spec":{}})";

}  // namespace

TEST_CASE("decode: service") {
  CHECK(service(R"({"clusterIP":"10.0.0.1"})") == "ADDED service n/s cluster 10.0.0.1");
  CHECK(service(R"({"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.2","::1"]})") ==
        "ADDED service n/s cluster 10.0.0.2 ::1");
  CHECK(service(R"({"clusterIP":"None"})") == "ADDED service n/s headless");
  CHECK(service(R"({"clusterIPs":["None"],"ports":null})") == "ADDED service n/s headless");
  CHECK(service(R"({"clusterIP":"","type":null})") == "ADDED service n/s cluster");
  CHECK(service(R"({"type":"ExternalName","externalName":"a.b","clusterIP":"None"})") ==
        "ADDED service n/s external a.b");
  CHECK(service(R"({"ports":[{"port":1},{"port":65535,"name":"x","protocol":"SCTP"}]})") ==
        "ADDED service n/s cluster /TCP/1 x/SCTP/65535");
}

TEST_CASE("decode: service with a field that cannot be used is skipped with its name") {
  CHECK(service("7") == "SKIPPED n/s type spec");
  CHECK(service("null") == "SKIPPED n/s missing spec");
  CHECK(service(R"({"clusterIP":7})") == "SKIPPED n/s type spec.clusterIP");
  CHECK(service(R"({"clusterIPs":"10.0.0.1"})") == "SKIPPED n/s type spec.clusterIPs");
  CHECK(service(R"({"clusterIPs":["10.0.0.1",null]})") == "SKIPPED n/s type spec.clusterIPs");
  CHECK(service(R"({"type":"ExternalName"})") == "SKIPPED n/s missing spec.externalName");
  CHECK(service(R"({"type":"ExternalName","externalName":"a b"})") ==
        "SKIPPED n/s name spec.externalName");
  CHECK(service(R"({"ports":[{"port":"80"}]})") == "SKIPPED n/s type spec.ports.port");
  CHECK(service(R"({"ports":[{"port":80.5}]})") == "SKIPPED n/s type spec.ports.port");
  CHECK(service(R"({"ports":[80]})") == "SKIPPED n/s type spec.ports");
}

TEST_CASE("decode: a service does without an address, a port that cannot be used") {
  CHECK(service(R"({"clusterIPs":["10.0.0.256","fd00::1"]})") ==
        "OMITTED n/s address spec.clusterIPs; ADDED service n/s cluster fd00::1");
  CHECK(service(R"({"clusterIPs":["x"]})") ==
        "OMITTED n/s address spec.clusterIPs; ADDED service n/s cluster");
  CHECK(service(R"({"ports":[{"port":0},{"port":1}]})") ==
        "OMITTED n/s port spec.ports.port; ADDED service n/s cluster /TCP/1");
  CHECK(service(R"({"ports":[{"port":65536}]})") ==
        "OMITTED n/s port spec.ports.port; ADDED service n/s cluster");
  CHECK(service(R"({"ports":[{"port":-1}]})") ==
        "OMITTED n/s port spec.ports.port; ADDED service n/s cluster");
  CHECK(service(R"({"ports":[{"port":80,"name":")" + std::string(64, 'a') + R"("}]})") ==
        "OMITTED n/s name spec.ports.name; ADDED service n/s cluster");
}

TEST_CASE("decode: leading zeros of an address mean nothing, as in Kubernetes") {
  const std::pair<const char*, const char*> rows[] = {
      {"192.168.001.010", "192.168.1.10"},
      {"010.0.0.1", "10.0.0.1"},
      {"10.00.000.1", "10.0.0.1"},
      {"0.0.0.0", "0.0.0.0"},
  };
  for (const auto& [text, address] : rows) {
    CAPTURE(text);
    CHECK(service(R"({"clusterIPs":[")" + std::string(text) + R"("]})") ==
          "ADDED service n/s cluster " + std::string(address));
  }
  for (const char* text : {"10.0.0.0256", "10.0.0", "0x0a.0.0.1", "10.0.0.1.", "00", ""}) {
    CAPTURE(text);
    CHECK(service(R"({"clusterIPs":[")" + std::string(text) + R"("]})") ==
          "OMITTED n/s address spec.clusterIPs; ADDED service n/s cluster");
  }
}

TEST_CASE("decode: names") {
  const auto named = [](const std::string& metadata) {
    return one(Kind::Service, R"({"metadata":)" + metadata + R"(,"spec":{}})");
  };
  const std::string longest(63, 'a');
  CHECK(named(R"({"name":")" + longest + R"(","namespace":"n"})") ==
        "ADDED service n/" + longest + " cluster");
  CHECK(named(R"({"name":")" + longest + R"(a","namespace":"n"})") ==
        "SKIPPED n/" + longest + "a name metadata.name");
  CHECK(named(R"({"name":"A.b","namespace":"n"})") == "ADDED service n/A.b cluster");
  CHECK(named(R"({"name":"","namespace":"n"})") == "SKIPPED n/ name metadata.name");
  CHECK(named(R"({"name":"a\nb","namespace":"n"})") == "SKIPPED n/a?b name metadata.name");
  CHECK(named(R"({"name":"ä","namespace":"n"})") == "SKIPPED n/?? name metadata.name");
  CHECK(named(R"({"name":"s"})") == "SKIPPED /s name metadata.namespace");
  CHECK(named(R"({"name":7,"namespace":"n"})") == "SKIPPED n/ type metadata.name");
  CHECK(named("null") == "SKIPPED / missing metadata");
  // A slice's and a pod's name may be a whole domain name.
  CHECK(one(Kind::Pod, R"({"metadata":{"name":")" + longest + R"(.a","namespace":"n"}})") ==
        "ADDED pod n/" + longest + ".a");
  CHECK(one(Kind::Namespace, R"({"metadata":{"name":"n"}})") == "ADDED namespace n");
}

TEST_CASE("decode: endpoint slice") {
  CHECK(
      slice(
          R"("addressType":"IPv4","ports":[{"port":null},{"name":"h","port":80},{"port":0}],"endpoints":[)"
          R"({"addresses":["10.0.0.1","10.0.0.2"],"hostname":"h"},{"addresses":["10.0.0.3"],"conditions":{"ready":false}},)"
          R"({"addresses":["10.0.0.4"],"conditions":{"ready":null},"targetRef":{"kind":"Pod","name":"p"}},)"
          R"({"addresses":["10.0.0.5"],"conditions":{"ready":true},"targetRef":{"kind":"Node","name":"x"}}])") ==
      "ADDED slice n/e of s h/TCP/80 {h| 10.0.0.1 10.0.0.2} {|p 10.0.0.4} {| 10.0.0.5}");
  // A port for which no number is given has still a name to ask for.
  CHECK(slice(R"("ports":[{"name":"all","port":null}])") == "ADDED slice n/e of s all/TCP/0");
  CHECK(slice(R"("ports":null,"endpoints":null)") == "ADDED slice n/e of s");
  CHECK(slice(R"("addressType":"FQDN","endpoints":[{"addresses":["a.example"],"hostname":"h"}])") ==
        "ADDED slice n/e of s {h| a.example}");
  CHECK(slice(R"("addressType":"FQDN","endpoints":[{"addresses":["a b","c"]}])") ==
        "OMITTED n/e name endpoints.addresses; ADDED slice n/e of s {| c}");
  CHECK(slice(R"("endpoints":[{"addresses":["a.example"]},{"addresses":["10.0.0.01"]}])") ==
        "OMITTED n/e address endpoints.addresses; ADDED slice n/e of s {|} {| 10.0.0.1}");
  CHECK(slice(R"("endpoints":{})") == "SKIPPED n/e type endpoints");
  CHECK(slice(R"("endpoints":[{"conditions":{"ready":"yes"}}])") ==
        "SKIPPED n/e type endpoints.conditions.ready");
  CHECK(slice(R"("endpoints":[{"addresses":["::1"],"hostname":"a b"}])") ==
        "OMITTED n/e name endpoints.hostname; ADDED slice n/e of s {| ::1}");
  CHECK(slice(R"("ports":[{"port":70000},{"port":7}])") ==
        "OMITTED n/e port ports.port; ADDED slice n/e of s /TCP/7");
  CHECK(one(Kind::EndpointSlice, R"({"metadata":{"name":"e","namespace":"n"}})") ==
        "ADDED slice n/e of ");
}

TEST_CASE("decode: the time of a slice's change counts when Kubernetes' own controller noted it") {
  const auto stamped = [](const std::string& manager, const std::string& time) {
    return one(Kind::EndpointSlice,
               R"({"metadata":{"name":"e","namespace":"n","labels":{)"
               R"("endpointslice.kubernetes.io/managed-by":")" +
                   manager +
                   R"("},"annotations":{"endpoints.kubernetes.io/last-change-trigger-time":")" +
                   time + R"("}}})");
  };
  const std::string controller = "endpointslice-controller.k8s.io";
  CHECK(stamped(controller, "1970-01-02T00:00:01.25Z") == "ADDED slice n/e of  at 86401250");
  CHECK(stamped(controller, "yesterday") == "ADDED slice n/e of ");
  CHECK(stamped("someone", "1970-01-02T00:00:01Z") == "ADDED slice n/e of ");
}

TEST_CASE("decode: time") {
  const auto seconds = [](std::string_view text) {
    const auto time = parse_time(text);
    REQUIRE(time);
    return std::chrono::duration_cast<std::chrono::seconds>(time->time_since_epoch()).count();
  };
  CHECK(seconds("1970-01-01T00:00:00Z") == 0);
  CHECK(seconds("2026-11-21T03:06:51+02:00") == 1795230411 - 7200);
  CHECK(seconds("2026-11-21T03:06:51.999999999-00:30") == 1795230411 + 1800);
  for (const char* text :
       {"", "2026-11-21", "2026-13-21T03:06:51Z", "2026-02-30T03:06:51Z", "2026-11-21T24:06:51Z",
        "2026-11-21T03:06:51", "2026-11-21T03:06:51Zx", "2026-11-21T03:06:51+2:00",
        "9999-11-21T03:06:51Z", "2026-11-21T03:06:51.5555555555555555555555555555"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
  }
}

TEST_CASE("decode: pod") {
  const auto pod = [](const std::string& metadata, const std::string& status) {
    return one(Kind::Pod, R"({"metadata":{"name":"p","namespace":"n")" + metadata +
                              R"(},"status":)" + status + "}");
  };
  CHECK(pod("", R"({"podIP":"fd00::1"})") == "ADDED pod n/p fd00::1");
  CHECK(pod("", R"({"podIP":""})") == "ADDED pod n/p");
  CHECK(pod("", R"({"podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}]})") ==
        "ADDED pod n/p 10.0.0.1 fd00::1");
  CHECK(pod("", "null") == "ADDED pod n/p");
  CHECK(pod("", R"({"podIP":"x"})") == "OMITTED n/p address status.podIP; ADDED pod n/p");
  CHECK(pod(R"(,"deletionTimestamp":"2026-11-21T03:06:52Z")", R"({"podIP":"10.0.0.1"})") ==
        "DELETED n/p");
  for (const char* phase : {"Succeeded", "Failed", "Unknown"}) {
    CHECK(pod("", R"({"podIP":"10.0.0.1","phase":")" + std::string(phase) + R"("})") ==
          "DELETED n/p");
  }
}

TEST_CASE("decode: a bad item leaves the others alone") {
  const std::string good = "ADDED service n/ok cluster";
  const std::string deep = std::string(2000, '[') + std::string(2000, ']');
  for (const std::string& bad :
       {std::string("7"), std::string("\"]}\\\"\""), std::string("null"), std::string("{]"),
        std::string("{\"a\":\"\xff\"}"), std::string("{\"a\":\"\x01\"}"), "{\"a\":" + deep + "}",
        std::string(R"({"a":"\ud800"})"), std::string("{\"a\":1e999}")}) {
    CAPTURE(bad.substr(0, 40));
    const auto lines = list_of(Kind::Service, kGood + "," + bad + " , " + kGood);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == good);
    CHECK(lines[1].starts_with("SKIPPED "));
    CHECK(lines[2] == good);
  }
}

TEST_CASE("decode: a member twice counts once") {
  CHECK(one(Kind::Service,
            R"({"metadata":{"name":"a","name":"b","namespace":"n"},"spec":{},"spec":7})") ==
        "ADDED service n/a cluster");
}

TEST_CASE("decode: an endless item is left out, and its memory is not taken") {
  Recorder recorder;
  ListDecoder decoder(Kind::Service);
  CHECK(decoder.feed(R"({"items":[)" + kGood + R"(,{"a":")", recorder));
  const std::string piece(1U << 20U, 'x');
  for (int i = 0; i < 20; ++i) CHECK(decoder.feed(piece, recorder));
  CHECK(decoder.feed(R"("},)" + kGood + R"(],"metadata":{"resourceVersion":"5","continue":"c"}})",
                     recorder));
  CHECK(decoder.finish());
  CHECK(recorder.lines == std::vector<std::string>{"ADDED service n/ok cluster",
                                                   "SKIPPED / size item 2",
                                                   "ADDED service n/ok cluster"});
  CHECK(decoder.resource_version() == "5");
  CHECK(decoder.continue_token() == "c");
}

TEST_CASE("decode: a service of ten thousand endpoints") {
  std::string endpoints;
  for (int i = 0; i < 10000; ++i) {
    endpoints += std::string(i == 0 ? "" : ",") + R"({"addresses":["10.1.)" +
                 std::to_string(i / 250) + "." + std::to_string(i % 250) + R"("]})";
  }
  const std::string line = slice(R"("endpoints":[)" + endpoints + "]");
  CHECK(std::ranges::count(line, '{') == 10000);
  CHECK(line.ends_with("{| 10.1.39.249}"));
}

TEST_CASE("decode: texts that are no list") {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[]",
                           "nonsense",
                           "{}",
                           R"({"items":7})",
                           R"({"items":{}})",
                           R"({"items":[)",
                           R"({"items":[]})x)",
                           R"({"items":[]}])",
                           R"({"items":[],"items":[]})",
                           R"({"items":nope})",
                           R"({"items":[,]})",
                           R"({"items":[{},]})",
                           R"({"items":[{} {}]})",
                           R"({"items" []})",
                           R"({"items":[],})",
                           R"({,"items":[]})",
                           R"({"it\u0065ms":[]})",
                           R"({"kind":"Status","items":[]})",
                           R"({"kind":"PodList","metadata":{"resourceVersion":"9"},"items":[]})",
                           R"({"metadata":7,"items":[]})",
                           R"({"metadata":{"continue":7},"items":[]})",
                           R"({"metadata":[}],"items":[]})",
                           R"({"items":[]}{"items":[]})"}) {
    CAPTURE(text);
    Recorder recorder;
    ListDecoder decoder(Kind::Service);
    CHECK_FALSE((decoder.feed(text, recorder) && decoder.finish()));
    CHECK_FALSE(decoder.error().empty());
    CHECK_FALSE(decoder.feed("{}", recorder));
  }
  Recorder recorder;
  ListDecoder long_member(Kind::Service);
  CHECK_FALSE(long_member.feed("{\"a\":\"" + std::string(2U << 20U, 'x'), recorder));
}

TEST_CASE("decode: odd lists that are lists") {
  for (const char* text : {R"( {"items":null} )", R"({"items":[ ] , "a" : -1.5 , "b":true})",
                           R"({"a":"]}\"\\","items":[]})", R"({"a":[{"b":"}"}],"items":[]})"}) {
    CAPTURE(text);
    Recorder recorder;
    ListDecoder decoder(Kind::Service);
    CHECK(feed_in_pieces(decoder, text, 1, recorder));
    CHECK(decoder.finish());
    CHECK(decoder.error() == "");
    CHECK(recorder.lines.empty());
  }
}

TEST_CASE("decode: watch lines") {
  const std::string added = R"({"type":"ADDED","object":)" + kGood + "}\n";
  CHECK(watch(Kind::Service, "\n" + added + "\r\n \n" + added).size() == 2);
  // The last line is not finished: the stream was cut.
  CHECK(watch(Kind::Service, added + added.substr(0, 60)).size() == 1);
  CHECK(watch(Kind::Service,
              R"({"type":"DELETED","object":{"metadata":{"name":"s","namespace":"n"},"spec":7}})"
              "\n") == std::vector<std::string>{"DELETED n/s"});
  CHECK(watch(Kind::Service,
              R"({"type":"DELETED","object":{"metadata":{"name":"","namespace":"n"}}})"
              "\n") == std::vector<std::string>{"SKIPPED n/ name metadata.name"});
  CHECK(watch(Kind::Service, R"({"type":"SOON","object":{}})"
                             "\n" +
                                 added) ==
        std::vector<std::string>{"SKIPPED / event type SOON", "ADDED service n/ok cluster"});
  // Another kind's events are nobody's, above all its deletions.
  for (const char* type : {"ADDED", "MODIFIED", "DELETED"}) {
    CHECK(
        watch(Kind::Service,
              std::string(R"({"type":")") + type +
                  R"(","object":{"kind":"Pod","metadata":{"name":"s","namespace":"n"},"spec":{}}})"
                  "\n") == std::vector<std::string>{"SKIPPED n/s type kind"});
  }
  CHECK(watch(Kind::Service, R"({"type":"ADDED"})"
                             "\n") == std::vector<std::string>{"SKIPPED / missing object"});
  CHECK(watch(Kind::Service, "{\"type\":\"ADDED\",\"object\":{\"a\":\"\xff\"}}\n" + added).back() ==
        "ADDED service n/ok cluster");
  CHECK(watch(Kind::Service,
              R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7","annotations":)"
              R"({"k8s.io/initial-events-end":"true"}}}})"
              "\n") == std::vector<std::string>{"BOOKMARK @7 end"});
  CHECK(watch(Kind::Service, R"({"type":"ERROR","object":7})"
                             "\n") == std::vector<std::string>{"ERROR 0 "});
}

TEST_CASE("decode: a broken watch stream stays broken") {
  for (const char* text : {"nonsense\n", "[]\n", "{\n", "{}{}\n", "{\"a\":}\n", "\"\n"}) {
    CAPTURE(text);
    CHECK(watch(Kind::Service, text, false).empty());
  }
  Recorder recorder;
  WatchDecoder decoder(Kind::Service);
  const std::string piece(1U << 20U, 'x');
  int fed = 0;
  while (fed < 20 && decoder.feed(piece, recorder)) ++fed;
  CHECK(fed == 16);
  CHECK(decoder.error().find("too long") != std::string::npos);
  CHECK_FALSE(decoder.feed("\n", recorder));
}

TEST_CASE("decode: a status that is none") {
  CHECK(decode_status("404 page not found\n").code == 0);
  CHECK(decode_status("404 page not found\n").message == "404 page not found?");
  CHECK(decode_status("").message.empty());
  CHECK(decode_status("[1]").code == 0);
  const Status status = decode_status(R"({"code":429,"details":{"retryAfterSeconds":99999999}})");
  CHECK(status.code == 429);
  CHECK(status.retry_after_seconds == 3600);
}
