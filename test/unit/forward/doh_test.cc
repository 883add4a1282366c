#include "forward/doh.h"

#include <doctest/doctest.h>

namespace fairlead::forward {
namespace {

UpstreamSettings settings_of(const char* address, uint16_t port, const char* name = "") {
  return {.transport = Transport::Https,
          .address = *dns::IpAddress::from_text(address),
          .port = port,
          .server_name = name};
}

TEST_CASE("doh: who is asked") {
  const struct {
    UpstreamSettings upstream;
    const char* authority;
    const char* prefix;
  } rows[] = {
      {settings_of("192.0.2.1", 443), "192.0.2.1", "Post \"https://192.0.2.1:443/dns-query\": "},
      {settings_of("192.0.2.1", 8443), "192.0.2.1:8443",
       "Post \"https://192.0.2.1:8443/dns-query\": "},
      {settings_of("2001:db8::1", 443), "[2001:db8::1]",
       "Post \"https://[2001:db8::1]:443/dns-query\": "},
      {settings_of("2001:db8::1", 8443), "[2001:db8::1]:8443",
       "Post \"https://[2001:db8::1]:8443/dns-query\": "},
      {settings_of("192.0.2.1", 443, "dns.example."), "dns.example",
       "Post \"https://192.0.2.1:443/dns-query\": "},
      {settings_of("192.0.2.1", 8443, "dns.example"), "dns.example",
       "Post \"https://192.0.2.1:8443/dns-query\": "},
  };
  for (const auto& row : rows) {
    const DohUpstream upstream(row.upstream, false);
    CHECK(upstream.authority == row.authority);
    CHECK(upstream.prefix == row.prefix);
  }
  CHECK(DohUpstream(rows[0].upstream, true).prefix == "Get \"https://192.0.2.1:443/dns-query\": ");
}

TEST_CASE("doh: the path of a GET") {
  const std::vector<uint8_t> octets{0xfb, 0xff, 0xbf, 0x00, 0x10, 0x83};
  const struct {
    size_t size;
    const char* target;
  } rows[] = {{0, "/dns-query?dns="},        {1, "/dns-query?dns=-w"},
              {2, "/dns-query?dns=-_8"},     {3, "/dns-query?dns=-_-_"},
              {4, "/dns-query?dns=-_-_AA"},  {5, "/dns-query?dns=-_-_ABA"},
              {6, "/dns-query?dns=-_-_ABCD"}};
  for (const auto& row : rows) CHECK(doh_target({octets.data(), row.size}) == row.target);
}

TEST_CASE("doh: which replies are taken") {
  const struct {
    unsigned status;
    const char* type;
    const char* fault;
  } rows[] = {
      {200, "application/dns-message", ""},
      {203, "application/dns-message", ""},
      {200, "Application/DNS-Message ; x=y", ""},
      {200, "application/dns-message;charset=utf-8", ""},
      {200, "application/dns-messages", "unexpected content type \"application/dns-messages\""},
      {200, "text/html", "unexpected content type \"text/html\""},
      {200, "a\"\x01\xff", "unexpected content type \"a\"??\""},
      {200, "", "unexpected content type \"\""},
      {301, "application/dns-message", "unexpected HTTP status 301"},
      {404, "application/dns-message", "unexpected HTTP status 404"},
      {429, "text/plain", "unexpected HTTP status 429"},
      {503, "", "unexpected HTTP status 503"},
      {0, "application/dns-message", "unexpected HTTP status 0"},
  };
  for (const auto& row : rows) CHECK(fault_of_head(row.status, row.type) == row.fault);
  std::vector<uint8_t> body(12);
  CHECK(fault_of_body(body).empty());
  CHECK(fault_of_body({body.data(), 11}) == "dns: reply is too short");
  CHECK(fault_of_body({}) == "dns: reply is too short");
  body[1] = 1;
  CHECK(fault_of_body(body) == "dns: id mismatch");
}

}  // namespace
}  // namespace fairlead::forward
