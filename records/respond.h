// What a zone says to a question: pure, no I/O, no clock.
#pragma once

#include <cstdint>
#include <span>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "records/zone.h"

namespace fairlead::records {

enum class Outcome : uint8_t {
  Answered,  // the answer is complete
  PassOn,    // the zone lacks the name, and `fall_through` covers it; the answer is untouched
  Chase,     // the answer ends in an alias that leads out of the zone: `target` is to be asked
             // elsewhere, same type
  Failed,    // the aliases lead round in a circle or on and on; the answer is not to be used
};

struct Response {
  Outcome outcome = Outcome::Answered;
  dns::NameRef target;  // in the answer; set with Chase
};

/// Aliases (CNAME, DNAME) that are followed within the zone.
inline constexpr int kMostAliases = 16;

/// Answers `query`, whose name lies in the zone, into `answer`, which must be clear (RFC 1034
/// §4.3.2, 4592, 6672, 4035 §3.1 for those who set DO, 8482 for ANY). Allocates nothing once the
/// answer's memory has grown. Where standards leave it open, and where docs/differences.md has no
/// row, CoreDNS's `file` is followed.
Response respond(const Zone& zone, const dns::Query& query, std::span<const dns::Name> fall_through,
                 dns::Answer& answer);

/// Behind what was found for a Chase's target: the zone's name servers.
void add_name_servers(const Zone& zone, const dns::Query& query, dns::Answer& answer);

}  // namespace fairlead::records
