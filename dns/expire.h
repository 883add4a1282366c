// How much longer a zone may be served, as its servers say it to each other: EDNS EXPIRE
// (RFC 7314).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dns/answer.h"
#include "dns/query.h"

namespace fairlead::dns {

/// The option as it stands in a query, for Question::options.
inline constexpr std::array<uint8_t, 4> kAsksExpire{0, static_cast<uint8_t>(OptionCode::Expire), 0,
                                                    0};

/// It is asked for, with SOA, AXFR or IXFR. What the option of a query has as data does not matter.
bool asks_expire(const Query& query);

/// Adds the option to an answer that begins with a zone's SOA: the expire of that, `left` seconds
/// at most. Other answers stay as they are.
void say_expire(Answer& answer, uint32_t left = UINT32_MAX);

/// What a message says of EDNS.
struct SaidExpire {
  bool has_edns = false;
  std::optional<uint32_t> left;  // seconds
};

/// Of a message that cannot be read: nothing. An option of another size than four octets is none.
SaidExpire read_expire(std::span<const uint8_t> message);

}  // namespace fairlead::dns
