// The kept form of a reply: the message as dns::render() makes it, compressed, without OPT, the
// question in lower case; and what is done to a copy of it on the way out.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dns/answer.h"
#include "dns/query.h"

namespace fairlead::cache {

/// Larger replies are not kept.
inline constexpr size_t kMaxMessage = 32768;

/// Where a record's TTL stands in a message, below 2^15. The top bit says that the record is an
/// address of the same RRset as the one before it.
using TtlPosition = uint16_t;
inline constexpr TtlPosition kSameRrset = 0x8000;

/// Writes `answer` to the question of `query` into `out`, which takes kMaxMessage octets. Returns
/// the size; 0 when it does not fit.
size_t write_message(const dns::Query& query, const dns::Answer& answer, std::span<uint8_t> out);

/// Finds the TTLs of a message that write_message() made, in order.
void find_ttls(std::span<const uint8_t> message, std::vector<TtlPosition>& positions);

/// Takes `seconds` off every TTL, down to 0.
void count_down(std::span<uint8_t> message, std::span<const TtlPosition> positions,
                uint32_t seconds);

void set_ttls(std::span<uint8_t> message, std::span<const TtlPosition> positions, uint32_t ttl);

/// Puts the addresses within each RRset into an order that follows from `random`.
void shuffle_addresses(std::span<uint8_t> message, std::span<const TtlPosition> positions,
                       uint64_t random);

/// The message as a value, but for the rcode's upper bits. `answer` is cleared first; owners that
/// point at the question become dns::kQname.
void read_message(std::span<const uint8_t> message, dns::Answer& answer);

}  // namespace fairlead::cache
