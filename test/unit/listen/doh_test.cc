// Which query a request of HTTP asks, and how old its reply may become.
#include "listen/doh.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace fairlead::listen {

namespace {

std::vector<uint8_t> message_of(const std::string& tail, uint16_t flags, const char (&counts)[4]) {
  std::vector<uint8_t> out{0, 0, static_cast<uint8_t>(flags >> 8), static_cast<uint8_t>(flags)};
  for (const char count : counts) {
    out.push_back(0);
    out.push_back(static_cast<uint8_t>(count));
  }
  out.insert(out.end(), tail.begin(), tail.end());
  return out;
}

using namespace std::string_literals;

const std::string kQuestion = "\1a\4test\0\0\1\0\1"s;
// a.test. A, id 0, RD: 24 octets.
const std::string kEncoded = "AAABAAABAAAAAAAAAWEEdGVzdAAAAQAB";

std::string record_of(uint8_t type, uint32_t ttl, const std::string& rdata) {
  std::string out = "\xc0\x0c\0"s + static_cast<char>(type) + "\0\1"s;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(ttl >> shift);
  return out + '\0' + static_cast<char>(rdata.size()) + rdata;
}

std::string soa(uint32_t minimum) {
  std::string rdata = "\0\0"s + std::string(16, '\0');
  for (const int shift : {24, 16, 8, 0}) rdata += static_cast<char>(minimum >> shift);
  return rdata;
}

uint16_t status_of(const std::string& method, const std::string& target,
                   const std::string& type = {}, const std::vector<uint8_t>& body = {}) {
  HttpRequest request{method, target, type, body};
  const DohQuery query = doh_query(request);
  CHECK((query.status == 200) == query.text.empty());
  CHECK((query.status == 405) != query.allow.empty());
  return query.status;
}

}  // namespace

TEST_CASE("doh: a query in the target") {
  struct Row {
    std::string target;
    uint16_t status;
  };
  const std::string full = "/dns-query?dns=" + kEncoded;
  const Row rows[] = {
      {full, 200},
      {full + "&x=1", 200},
      {"/dns-query?a&dns=" + kEncoded, 200},
      {"/dns-query?dns=" + kEncoded.substr(0, 8) + "%41" + kEncoded.substr(9), 200},
      {full + "&dns=" + kEncoded, 400},
      {"/dns-query", 400},
      {"/dns-query?", 400},
      {"/dns-query?dns", 400},
      {"/dns-query?dns=", 400},
      {"/dns-query?DNS=" + kEncoded, 400},
      {"/dns-query?dns=" + kEncoded.substr(0, 31), 400},  // cut
      {"/dns-query?dns=" + kEncoded + "A", 400},          // no whole octet
      {"/dns-query?dns=" + kEncoded + "=", 400},
      {"/dns-query?dns=" + kEncoded + "AA==", 200},  // one octet behind the question, padded
      {"/dns-query?dns=" + kEncoded + "AA", 200},
      {"/dns-query?dns=AA+BAAABAAAAAAAAAWEEdGVzdAAAAQAB", 400},
      {"/dns-query?dns=%4", 400},
      {"/dns-query?dns=%zz", 400},
      {"/dns-query/", 404},
      {"/dns-query/?dns=" + kEncoded, 404},
      {"/", 404},
      {"", 404},
      {"*", 404},
      {"/resolve?name=a.test", 404},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target);
    CHECK(status_of("GET", row.target) == row.status);
    CHECK(status_of("HEAD", row.target) == row.status);
  }
  HttpRequest request{"GET", full, {}, {}};
  CHECK(doh_query(request).message == message_of(kQuestion, 0x0100, {1, 0, 0, 0}));
}

TEST_CASE("doh: a query in the body, and other methods") {
  const auto query = message_of(kQuestion, 0x0100, {1, 0, 0, 0});
  for (const char* type : {"", "application/dns-message", "Application/DNS-Message ; x=1"})
    CHECK(status_of("POST", "/dns-query", type, query) == 200);
  for (const char* type : {"text/plain", "application/json", "application/dns-message2", ";"})
    CHECK(status_of("POST", "/dns-query", type, query) == 415);
  CHECK(status_of("POST", "/dns-query", "", {}) == 400);
  CHECK(status_of("POST", "/other", "", query) == 404);
  for (const char* method : {"PUT", "DELETE", "OPTIONS", "PATCH", "get", ""})
    CHECK(status_of(method, "/dns-query", "", query) == 405);
}

TEST_CASE("doh: what is no query") {
  const auto status = [](const std::vector<uint8_t>& body) {
    return status_of("POST", "/dns-query", "", body);
  };
  CHECK(status(message_of(kQuestion, 0x8100, {1, 0, 0, 0})) == 400);  // a reply
  CHECK(status(message_of(kQuestion, 0x2800, {1, 0, 0, 0})) == 400);  // UPDATE
  CHECK(status(message_of(kQuestion, 0x0100, {2, 0, 0, 0})) == 400);
  CHECK(status(message_of(kQuestion.substr(0, 9), 0x0100, {1, 0, 0, 0})) == 400);
  CHECK(status(message_of(kQuestion + "more", 0x0100, {1, 0, 0, 0})) == 200);
  const std::string bad_version = "\0\0\x29\4\xd0\0\1\0\0\0\0"s;  // EDNS 1: answered BADVERS
  CHECK(status(message_of(kQuestion + bad_version, 0x0100, {1, 0, 0, 1})) == 200);
}

TEST_CASE("doh: how long a reply may be kept") {
  const std::string opt = "\0\0\x29\4\xd0\0\0\0\0\0\0"s;
  const std::string address = "\x0a\0\0\1"s;
  struct Row {
    const char* what;
    uint16_t flags;
    std::string records;
    char counts[4];
    uint32_t age;
  };
  const Row rows[] = {
      {"one record", 0x8180, record_of(1, 60, address), {1, 1, 0, 0}, 60},
      {"the least", 0x8180, record_of(1, 60, address) + record_of(2, 30, "\0"s), {1, 1, 1, 0}, 30},
      {"additional ones count",
       0x8180,
       record_of(1, 60, address) + record_of(1, 7, address),
       {1, 1, 0, 1},
       7},
      {"not for ever", 0x8180, record_of(1, 86400, address), {1, 1, 0, 0}, 3600},
      {"OPT has no TTL", 0x8180, record_of(1, 60, address) + opt, {1, 1, 0, 1}, 60},
      {"a denial's minimum", 0x8183, record_of(6, 3600, soa(300)), {1, 0, 1, 0}, 300},
      {"a denial's TTL", 0x8183, record_of(6, 30, soa(300)), {1, 0, 1, 0}, 30},
      {"no data", 0x8180, record_of(6, 3600, soa(300)), {1, 0, 1, 0}, 300},
      {"an SOA that was asked for", 0x8180, record_of(6, 3600, soa(300)), {1, 1, 0, 0}, 3600},
      {"nothing", 0x8180, "", {1, 0, 0, 0}, 5},
      {"OPT alone", 0x8180, opt, {1, 0, 0, 1}, 5},
      {"REFUSED", 0x8185, "", {1, 0, 0, 0}, 5},
      {"SERVFAIL", 0x8182, record_of(1, 60, address), {1, 1, 0, 0}, 5},
      {"TTL 0", 0x8180, record_of(1, 0, address), {1, 1, 0, 0}, 0},
      {"what cannot be read", 0x8180, "\xc0", {1, 1, 0, 0}, 5},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const auto message = message_of(kQuestion + row.records, row.flags, row.counts);
    const HttpReply reply = doh_reply(message, false);
    CHECK(reply.max_age == row.age);
    CHECK(reply.status == 200);
    CHECK(reply.content_type == "application/dns-message");
  }
}

}  // namespace fairlead::listen
