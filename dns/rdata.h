// Rdata from the network: checked by its type, its names uncompressed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dns/types.h"

namespace fairlead::dns {

/// Room for the largest rdata that holds a compressible name: NAPTR's two numbers, three
/// character-strings and a name.
using RdataBuffer = std::array<uint8_t, 4 + 3 * 256 + 255>;

/// Where a record's rdata stands in its message.
struct RdataAt {
  RrType type = RrType::A;
  size_t at = 0;
  size_t size = 0;  // RDLENGTH; at + size is within the message
};

/// The rdata in wire form without compressed names (RFC 3597 §4): a view into `packet`, or into
/// `buffer` for a type that may hold compressed names. Empty when it is not what its type says (RFC
/// 1035 §3.3–3.4, 1183, 2230, 2782, 3403, 3596, 4034, 5155, 6672, 9460); a type that is not known
/// here is taken as it is.
std::optional<std::span<const uint8_t>> read_rdata(std::span<const uint8_t> packet,
                                                   const RdataAt& where, RdataBuffer& buffer);

}  // namespace fairlead::dns
