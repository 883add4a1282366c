#include "records/epoch.h"

#include "dns/numbers.h"

namespace fairlead::records {

std::array<uint8_t, sizeof(uint64_t)> epoch_octets(uint64_t epoch) {
  std::array<uint8_t, sizeof(uint64_t)> octets{};
  for (auto at = octets.rbegin(); at != octets.rend(); ++at, epoch >>= 8)
    *at = static_cast<uint8_t>(epoch);
  return octets;
}

Epoch read_epoch(std::span<const uint8_t> data) {
  return data.size() == sizeof(uint64_t) ? Epoch(dns::number_of(data)) : std::nullopt;
}

void add_epoch_option(std::vector<uint8_t>& options, Epoch known) {
  const size_t size = known ? sizeof(uint64_t) : 0;
  for (const size_t number : {static_cast<size_t>(kEpochOption), size}) {
    options.push_back(static_cast<uint8_t>(number >> 8));
    options.push_back(static_cast<uint8_t>(number));
  }
  if (!known) return;
  const auto octets = epoch_octets(*known);
  options.insert(options.end(), octets.begin(), octets.end());
}

}  // namespace fairlead::records
