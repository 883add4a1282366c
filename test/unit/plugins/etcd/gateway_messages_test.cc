// What etcd 3.6 says and is told.
#include "plugins/etcd/gateway_messages.h"

#include <doctest/doctest.h>

#include <string>

namespace fairlead::plugins::etcd {
namespace {

TEST_CASE("etcd: the end of all keys that begin with a text") {
  CHECK(all_beginning_with("/skydns/").end == "/skydns0");
  CHECK(all_beginning_with("a\xFF").end == "b");
  CHECK(all_beginning_with("\xFF\xFF").end == std::string(1, '\0'));
}

TEST_CASE("etcd: requests are JSON, octets base64, long numbers texts") {
  CHECK(range_request({"a", "b"}, 10, 7) ==
        R"({"key":"YQ==","range_end":"Yg==","limit":"10","revision":"7"})");
  CHECK(watch_request({{"c", "d"}, 4}) ==
        R"({"create_request":{"key":"Yw==","range_end":"ZA==","start_revision":"4",)"
        R"("progress_notify":true,"fragment":true}})"
        "\n");
  CHECK(authenticate_request("a\"b", "c\\\n") == R"({"name":"a\"b","password":"c\\\u000a"})");
  CHECK(lease_request(-5) == R"({"ID":"-5"})");
}

TEST_CASE("etcd: a page of keys") {
  const auto page = read_range(
      R"({"header":{"cluster_id":"14841639068965178418","revision":"9"},"more":true,"count":"3",)"
      R"("kvs":[{"key":"YQ==","create_revision":"2","mod_revision":"4","value":"eyJ9","lease":"-7"},)"
      R"({"key":"Yg==","mod_revision":5}]})");
  REQUIRE(page);
  CHECK(page->header.cluster == 14841639068965178418U);
  CHECK(page->header.revision == 9);
  CHECK(page->more);
  REQUIRE(page->keys.size() == 2);
  CHECK(page->keys[0].key == "a");
  CHECK(page->keys[0].value == "{\"}");
  CHECK(page->keys[0].lease == -7);
  CHECK(page->keys[0].revision == 4);
  CHECK(page->keys[1].value.empty());
  CHECK(page->keys[1].revision == 5);
  CHECK(read_range(R"({"header":{"revision":"9"}})")->keys.empty());
  for (const char* bad : {"", "[]", "{}", R"({"header":{},"kvs":{}})", R"({"header":{},"kvs":[1]})",
                          R"({"header":{},"kvs":[{"key":"?"}]})", R"({"header":{}}x)"})
    CHECK_FALSE(read_range(bad));
}

TEST_CASE("etcd: lines of a watch") {
  const auto made = read_watch(
      R"({"result":{"header":{"cluster_id":"5","revision":"2"},"watch_id":"1","created":true}})");
  REQUIRE(made);
  CHECK(made->created);
  CHECK(made->number == 1);
  CHECK(made->header.revision == 2);
  const auto changed =
      read_watch(R"({"result":{"header":{"revision":"4"},"fragment":true,"events":[)"
                 R"({"kv":{"key":"YQ==","mod_revision":"3","value":"e30="}},)"
                 R"({"type":"DELETE","kv":{"key":"YQ==","mod_revision":"4"}}]}})");
  REQUIRE(changed);
  CHECK(changed->number == 0);
  CHECK(changed->fragment);
  REQUIRE(changed->events.size() == 2);
  CHECK_FALSE(changed->events[0].deleted);
  CHECK(changed->events[0].key.value == "{}");
  CHECK(changed->events[1].deleted);
  CHECK(changed->events[1].key.revision == 4);
  const auto compacted = read_watch(
      R"({"result":{"header":{"cluster_id":"5"},"canceled":true,"compact_revision":"4"}})");
  REQUIRE(compacted);
  CHECK(compacted->canceled);
  CHECK(compacted->compacted == 4);
  for (const char* bad : {"", "{}", "[]", R"({"result":1})", R"({"result":{"events":[{}]}})"})
    CHECK_FALSE(read_watch(bad));
}

TEST_CASE("etcd: refusals, in each of the gateway's forms") {
  const std::string denied = "etcdserver: permission denied";
  CHECK(error_text(R"({"code":7, "message":"etcdserver: permission denied"})") == denied);
  CHECK(error_text(R"({"error":"etcdserver: permission denied","code":7})") == denied);
  const auto stream =
      read_watch(R"({"error":{"code":7,"message":"etcdserver: permission denied"}})");
  REQUIRE(stream);
  CHECK(stream->canceled);
  CHECK(stream->why == denied);
  CHECK(read_watch(R"({"result":{"canceled":true,"created":true,"cancel_reason":"a\nb"}})")->why ==
        "a b");
  CHECK(error_text("<html>").empty());
  CHECK(error_text(R"({"message":")" + std::string(1000, 'x') + "\"}").size() == 256);
}

TEST_CASE("etcd: tokens and what is left of leases") {
  CHECK(read_token(R"({"header":{},"token":"abc.12"})") == "abc.12");
  CHECK_FALSE(read_token(R"({"token":"a\r\nb"})"));
  CHECK_FALSE(read_token(R"({"header":{}})"));
  CHECK(read_lease_ttl(R"({"header":{},"ID":"7","TTL":"59","grantedTTL":"60"})") == 59);
  CHECK(read_lease_ttl(R"({"header":{},"ID":"7","TTL":"-1"})") == -1);
  CHECK_FALSE(read_lease_ttl(R"({"TTL":"59"})"));
}

}  // namespace
}  // namespace fairlead::plugins::etcd
