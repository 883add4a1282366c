// What a frame holds: a Dnstap message in protobuf (dnstap.proto), written by hand.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "net/endpoint.h"

namespace fairlead::plugins::dnstap {

/// The numbers of dnstap.proto.
enum class Kind : uint8_t {
  ClientQuery = 5,
  ClientResponse = 6,
  ForwarderQuery = 7,
  ForwarderResponse = 8,
};
enum class Protocol : uint8_t { Udp = 1, Tcp = 2, Dot = 3, Doh = 4 };

struct Message {
  Kind kind = Kind::ClientQuery;
  Protocol protocol = Protocol::Udp;
  net::Endpoint query;     // who asks; port 0: not known
  net::Endpoint response;  // who answers; the same
  std::chrono::system_clock::time_point query_time;
  std::chrono::system_clock::time_point response_time;  // of responses
  std::span<const uint8_t> octets;                      // the DNS message; may be empty
  std::string_view identity, version, extra;            // empty: not said
};

/// Appends it to `out`, a data frame: its length in four octets, then the protobuf.
void append_frame(const Message& message, std::vector<uint8_t>& out);

}  // namespace fairlead::plugins::dnstap
