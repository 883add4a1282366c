// The TSIG record of a message (RFC 8945 §4.2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "dns/query.h"
#include "dns/record_reader.h"

namespace fairlead::dns {

/// What `record`, the last one of `packet`, says, as views of `packet`; nothing when it is
/// malformed.
std::optional<Tsig> read_tsig(std::span<const uint8_t> packet, const RecordAt& record);

/// Of any message: nothing when it cannot be read, or a TSIG record stands elsewhere than at its
/// end; without one `mac` is empty and `at` is 0.
std::optional<Tsig> find_tsig(std::span<const uint8_t> message);

}  // namespace fairlead::dns
