// What kind of reply an upstream gave, whether it may be kept, and for how long (RFC 2308, 2181 §8,
// 9520).
#pragma once

#include <cstdint>

#include "cache/cache.h"

namespace fairlead::cache {

enum class Category : uint8_t {
  Success,     // holds records of the type that was asked
  NoData,      // NOERROR without them, with an SOA; or NXDOMAIN at the end of a chain
  NameGone,    // NXDOMAIN of the very name: true for every type
  Delegation,  // NS records instead of an answer
  Failure,     // SERVFAIL, NOTIMP
  Other,       // not to be kept
};

/// Success and Delegation are kept with the successes, as CoreDNS does.
inline Kind kind_of(Category category) {
  const bool success = category == Category::Success || category == Category::Delegation;
  return success ? Kind::Success : Kind::Denial;
}

/// What `answer` is as a reply to a question for `qtype`. TTLs do not matter here.
Category classify(dns::RrType qtype, const dns::Answer& answer);

/// Sets the TTLs of `answer` to what clients are told and the cache counts down: those of a success
/// within the limits of its class, each RRset its own; an SOA that tells a denial's TTL no more
/// than its MINIMUM (RFC 2308 §5); the fixed ones of delegations and failures. Zero stays zero: it
/// means "for this one question" (RFC 1035 §3.2.1). Returns the smallest: how long the answer may
/// be kept, in seconds; 0: not at all.
uint32_t settle_ttls(const Settings& settings, Category category, dns::Answer& answer);

}  // namespace fairlead::cache
