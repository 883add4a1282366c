// What is said about localhost and the reverse names of 0/8, 127/8 and 255/8 (RFC 6303, RFC 6761
// §6.3).
#pragma once

#include <cstdint>

#include "dns/answer.h"
#include "dns/query.h"

namespace fairlead::plugins::local {

enum class Kind : uint8_t {
  NotMine,
  Zone,       // localhost., 0., 127. and 255.in-addr.arpa., and what is below the latter
  Localhost,  // a name that is answered like localhost: below it, or localhost.NAME
};

/// `prefix`: localhost.NAME counts.
Kind kind_of(const dns::Query& query, bool prefix);

/// Fills a cleared `out`, for kinds other than NotMine.
void answer(const dns::Query& query, Kind kind, dns::Answer& out);

}  // namespace fairlead::plugins::local
