// One question to a running server, and what it said.
#pragma once

#include <chrono>
#include <string>

#include "dns/answer.h"
#include "dns/response.h"
#include "net/endpoint.h"

namespace fairlead::explain {

struct ServerReply {
  dns::Answer answer;  // rcode, flags, answer and authority section
  dns::Transport transport = dns::Transport::Udp;
  std::chrono::microseconds took{};
  std::string extended_error;  // RFC 8914: "15 (text)"; empty without one
};

/// Asks over UDP, twice if need be, and over TCP what was truncated; `timeout` for each. Blocks.
/// Throws std::runtime_error, "10.96.0.10:53: no reply within 2 s".
ServerReply ask_server(const net::Endpoint& server, const dns::Question& question,
                       std::chrono::milliseconds timeout = std::chrono::seconds(2));

}  // namespace fairlead::explain
