#include "records/epoch.h"

#include "dns/numbers.h"
#include "dns/response.h"
#include "dns/types.h"

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

void ask_for_epoch(std::vector<uint8_t>& query, Epoch known) {
  constexpr size_t kAdditional = 11;  // the lower octet of their count
  query[kAdditional] = 1;
  const auto put = [&](size_t number) {
    query.push_back(static_cast<uint8_t>(number >> 8));
    query.push_back(static_cast<uint8_t>(number));
  };
  const size_t size = known ? sizeof(uint64_t) : 0;
  query.push_back(0);  // the root
  put(static_cast<size_t>(dns::RrType::Opt));
  put(dns::kUpstreamUdpSize);
  put(0);  // no further bits of an rcode, version 0
  put(0);
  put(dns::kOptionHead + size);
  put(static_cast<size_t>(kEpochOption));
  put(size);
  if (!known) return;
  const auto octets = epoch_octets(*known);
  query.insert(query.end(), octets.begin(), octets.end());
}

}  // namespace fairlead::records
