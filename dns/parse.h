// Octets from the network -> a query, a refusal or silence. Own code, because the bytes are
// hostile: every read is bounded, nothing recurses, nothing allocates.
#pragma once

#include <cstdint>
#include <span>

#include "dns/query.h"

namespace fairlead::dns {

enum class Verdict : uint8_t {
  Answer,  // the query is whole: answer it
  Notify,  // so is this, but what it says is that a zone has changed (RFC 1996)
  Refuse,  // answer with the rcode alone
  Drop,    // say nothing: too short, a response, or nothing that may be answered safely
};

/// What became of a packet. For Refuse, `rcode` is what to say; `Query::has_question` tells whether
/// the question may be repeated.
struct Parsed {
  Verdict verdict = Verdict::Drop;
  Rcode rcode = Rcode::NoError;
};

/// Reads one request (RFC 1035 §4.1, 6891, 8945, 9619). `query` is overwritten; its views point
/// into `packet`. Octets behind the last record are ignored.
Parsed parse_query(std::span<const uint8_t> packet, Transport transport, Query& query);

}  // namespace fairlead::dns
