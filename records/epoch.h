// What the serials of a zone belong to. Where a server makes them up, the same serial of another
// server, or of the same one after a restart, is another zone. The epoch tells these apart: a
// number drawn at random, in an EDNS option of our own, which others pass over (see
// plugins/transfer/README.md).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dns/edns_option.h"

namespace fairlead::records {

/// None: the serials are those of the zone itself, the same on every server.
using Epoch = std::optional<uint64_t>;

/// For local use (RFC 6891 §9). Its data is an epoch, or nothing in a query of who knows none.
inline constexpr auto kEpochOption = static_cast<dns::OptionCode>(65187);

std::array<uint8_t, sizeof(uint64_t)> epoch_octets(uint64_t epoch);

/// Of an option's data; none unless it has the size of one.
Epoch read_epoch(std::span<const uint8_t> data);

/// Adds the option, as it stands in a query, to other options.
void add_epoch_option(std::vector<uint8_t>& options, Epoch known);

}  // namespace fairlead::records
