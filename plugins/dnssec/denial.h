// NSEC records that are made for one denial (RFC 9824): they say of one name which types it has,
// and of no other anything.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dns/name.h"
#include "dns/types.h"

namespace fairlead::plugins::dnssec {

enum class Denied : uint8_t {
  Name,        // there is no such name
  Type,        // the name has none of the type that was asked
  ApexType,    // the same of the zone's own name
  Delegation,  // the name is delegated to whom nothing is signed
};

/// Appends the rdata of an NSEC record of `owner` (lower case). False when there is no name behind
/// it.
[[nodiscard]] bool append_nsec(dns::NameView owner, Denied denied, dns::RrType asked,
                               std::vector<uint8_t>& rdata);

}  // namespace fairlead::plugins::dnssec
