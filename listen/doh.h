// DNS over HTTPS (RFC 8484): which query a request asks, and what a reply says of its age.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "listen/http.h"

namespace fairlead::listen {

/// The query in a request, or why there is none.
struct DohQuery {
  uint16_t status = 200;     // 200: `message` is to be asked
  std::string_view text{};   // else what the client is told
  std::string_view allow{};  // with 405
  bool head = false;         // the client wants no body
  std::vector<uint8_t> message{};
};

/// Takes the body out of `request`. A message that DNS over TCP would not answer, or with FORMERR
/// or NOTIMP because it cannot be read, is a bad request (400), as in CoreDNS.
DohQuery doh_query(HttpRequest& request);

/// The reply of HTTP with this message of DNS in its body, which must outlive it. It may be kept
/// for as long as its records (RFC 8484 §5.1), a denial for as long as RFC 2308 §5 says: an hour at
/// most, 5 s where no record tells.
HttpReply doh_reply(std::span<const uint8_t> message, bool head);

}  // namespace fairlead::listen
