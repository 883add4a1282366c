#include "metrics/block_counters.h"

#include <array>
#include <cstdint>

namespace fairlead::metrics {

namespace {

using dns::RrType;

constexpr const char* kTypeLabels[kNamedTypes + 1] = {
    "A",     "AAAA", "CNAME", "DNSKEY", "DS",    "MX",   "NSEC3", "NSEC", "NS",  "PTR",
    "RRSIG", "SOA",  "SRV",   "TXT",    "HTTPS", "SVCB", "IXFR",  "AXFR", "ANY", "other"};

constexpr RrType kNamed[kNamedTypes] = {RrType::A,    RrType::Aaaa, RrType::Cname, RrType::Dnskey,
                                        RrType::Ds,   RrType::Mx,   RrType::Nsec3, RrType::Nsec,
                                        RrType::Ns,   RrType::Ptr,  RrType::Rrsig, RrType::Soa,
                                        RrType::Srv,  RrType::Txt,  RrType::Https, RrType::Svcb,
                                        RrType::Ixfr, RrType::Axfr, RrType::Any};

// By type: which of kNamed it is. Counting a reply reads one octet of it.
constexpr auto kIndexes = [] {
  std::array<uint8_t, 256> indexes{};
  indexes.fill(kNamedTypes);
  for (uint8_t i = 0; i < kNamedTypes; ++i) indexes.at(static_cast<size_t>(kNamed[i])) = i;
  return indexes;
}();

}  // namespace

size_t type_index(RrType type) {
  const auto number = static_cast<size_t>(type);
  return number < kIndexes.size() ? kIndexes[number] : kNamedTypes;
}

const char* type_label(size_t index) {
  return kTypeLabels[index < kNamedTypes ? index : kNamedTypes];
}

}  // namespace fairlead::metrics
