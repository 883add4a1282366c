#include <doctest/doctest.h>

#include <string>

#include "plugins/dnstap/frames.h"
#include "plugins/dnstap/message.h"

namespace fairlead::plugins::dnstap {
namespace {

using Octets = std::vector<uint8_t>;

std::string hex(std::span<const uint8_t> octets) {
  std::string text;
  for (const uint8_t octet : octets) {
    for (const int digit : {octet >> 4, octet & 15}) text += "0123456789abcdef"[digit];
  }
  return text;
}

net::Endpoint at(const char* address, uint16_t port) {
  return {*dns::IpAddress::from_text(address), port};
}

std::chrono::system_clock::time_point time_of(int64_t seconds, int64_t nanoseconds) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(seconds) +
                                               std::chrono::nanoseconds(nanoseconds));
}

Octets control(uint32_t type, const std::string& content) {
  Octets out(12, 0);
  out[7] = static_cast<uint8_t>(4 + (content.empty() ? 0 : 8 + content.size()));
  out[11] = static_cast<uint8_t>(type);
  if (content.empty()) return out;
  const Octets head = {0, 0, 0, 1, 0, 0, 0, static_cast<uint8_t>(content.size())};
  out.insert(out.end(), head.begin(), head.end());
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

}  // namespace

TEST_CASE("dnstap: a client's query") {
  Octets frame;
  const Octets octets = {1, 2, 3};
  append_frame({.kind = Kind::ClientQuery,
                .protocol = Protocol::Udp,
                .query = at("127.0.0.1", 0x1234),
                .response = at("192.0.2.53", 53),
                .query_time = time_of(1, 258),
                .octets = octets,
                .identity = "me",
                .version = "v"},
               frame);
  // identity, version; message: type, family, protocol, addresses, ports, time, octets; type.
  CHECK(hex(frame) ==
        "0000002e"
        "0a026d65"
        "120176"
        "7223"
        "0805"
        "1001"
        "1801"
        "22047f000001"
        "2a04c0000235"
        "30b424"
        "3835"
        "4001"
        "4d02010000"
        "5203010203"
        "7801");
}

TEST_CASE("dnstap: a response over IPv6, without octets, of an upstream") {
  Octets frame;
  append_frame({.kind = Kind::ForwarderResponse,
                .protocol = Protocol::Dot,
                .query = {},
                .response = at("2001:db8::1", 853),
                .query_time = time_of(300, 0),
                .response_time = time_of(301, 1)},
               frame);
  CHECK(hex(frame) ==
        "0000002f"
        "722b"
        "0808"
        "1002"
        "1803"
        "2a1020010db8000000000000000000000001"
        "38d506"
        "40ac02"
        "4d00000000"
        "60ad02"
        "6d01000000"
        "7801");
}

TEST_CASE("dnstap: control frames") {
  Octets out;
  append_control(Control::Ready, out);
  CHECK(out == control(4, "protobuf:dnstap.Dnstap"));
  out.clear();
  append_control(Control::Stop, out);
  CHECK(out == control(3, ""));
}

TEST_CASE("dnstap: what a reader says, however it is cut") {
  Octets all = control(1, "protobuf:dnstap.Dnstap");
  const Octets finish = control(5, "");
  all.insert(all.end(), finish.begin(), finish.end());
  for (size_t piece = 1; piece < all.size(); ++piece) {
    ControlReader reader;
    std::vector<ControlReader::Said> heard;
    for (size_t from = 0; from < all.size(); from += piece) {
      std::span<const uint8_t> octets(all);
      octets = octets.subspan(from, std::min(piece, all.size() - from));
      while (!octets.empty()) {
        const auto said = reader.take(octets);
        if (said != ControlReader::Said::Nothing) heard.push_back(said);
      }
    }
    CHECK(heard == std::vector{ControlReader::Said::Accept, ControlReader::Said::Finish});
  }
}

TEST_CASE("dnstap: what is no conversation") {
  const auto said = [](const Octets& octets) {
    ControlReader reader;
    std::span<const uint8_t> rest(octets);
    auto last = ControlReader::Said::Nothing;
    while (!rest.empty() && last != ControlReader::Said::Wrong) last = reader.take(rest);
    return last;
  };
  CHECK(said(control(1, "protobuf:other")) == ControlReader::Said::Wrong);
  CHECK(said(control(1, "")) == ControlReader::Said::Wrong);
  CHECK(said(control(2, "protobuf:dnstap.Dnstap")) == ControlReader::Said::Wrong);
  CHECK(said({0, 0, 0, 5, 1, 2, 3, 4}) == ControlReader::Said::Wrong);     // data
  CHECK(said({0, 0, 0, 0, 0, 0, 0, 3}) == ControlReader::Said::Wrong);     // too short
  CHECK(said({0, 0, 0, 0, 0xff, 0, 0, 0}) == ControlReader::Said::Wrong);  // too long
  Octets lies = control(1, "protobuf:dnstap.Dnstap");
  lies[19] = 200;
  CHECK(said(lies) == ControlReader::Said::Wrong);
}

}  // namespace fairlead::plugins::dnstap
