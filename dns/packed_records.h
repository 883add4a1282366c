// Many records of a cluster's zone in one of a private type, as the compact form hands them on
// (plugins/transfer/README.md): what their names have in common is said once, and in place of a
// name that is made of an address stands the address. Nothing is lost, so that it is all the same
// to those who have a zone, or what has changed in it, how it travels.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/types.h"

namespace fairlead::dns {

/// For private use (RFC 6895 §3.1), beside the types of dns/compact_zone.h. No zone has one.
inline constexpr RrType kPackedRecords{65282};

/// One record, as it lies in memory of the caller; rdata without compressed names.
struct PlainRecord {
  NameView owner;
  RrType type = RrType::A;
  uint32_t ttl = 0;
  std::span<const uint8_t> rdata;
};

/// Adds what `records` has to `packed`: A, AAAA, SRV and PTR records together where they can be,
/// all others, and those that are alone, as they are. None goes past a record of type SOA. `apex`:
/// of the zone.
void pack(const Answer& records, NameView apex, Answer& packed);

/// False: enough.
using TakeRecord = std::function<bool(const PlainRecord&)>;

/// Calls `take` for each record that `packed` stands for, whose rdata is foreign octets. False when
/// they are not well formed, or `take` had enough; some may have been taken before. No record takes
/// less than two octets there.
bool unpack(const PlainRecord& packed, const TakeRecord& take);

}  // namespace fairlead::dns
