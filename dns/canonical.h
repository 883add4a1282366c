// Rdata in the form in which it is signed and compared.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dns/types.h"

namespace fairlead::dns {

/// Appends `rdata`, which has no compressed names, in canonical form (RFC 4034 §6.2, RFC 6840
/// §5.1): the names in types that are older than DNSSEC become lower case. What is not what its
/// type says is taken as it is.
void append_canonical(RrType type, std::span<const uint8_t> rdata, std::vector<uint8_t>& out);

}  // namespace fairlead::dns
