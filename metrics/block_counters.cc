#include "metrics/block_counters.h"

namespace fairlead::metrics {

namespace {

using dns::RrType;

constexpr const char* kTypeLabels[kNamedTypes + 1] = {
    "A",     "AAAA", "CNAME", "DNSKEY", "DS",    "MX",   "NSEC3", "NSEC", "NS",  "PTR",
    "RRSIG", "SOA",  "SRV",   "TXT",    "HTTPS", "SVCB", "IXFR",  "AXFR", "ANY", "other"};

}  // namespace

size_t type_index(RrType type) {
  switch (type) {
    case RrType::A:
      return 0;
    case RrType::Aaaa:
      return 1;
    case RrType::Cname:
      return 2;
    case RrType::Dnskey:
      return 3;
    case RrType::Ds:
      return 4;
    case RrType::Mx:
      return 5;
    case RrType::Nsec3:
      return 6;
    case RrType::Nsec:
      return 7;
    case RrType::Ns:
      return 8;
    case RrType::Ptr:
      return 9;
    case RrType::Rrsig:
      return 10;
    case RrType::Soa:
      return 11;
    case RrType::Srv:
      return 12;
    case RrType::Txt:
      return 13;
    case RrType::Https:
      return 14;
    case RrType::Svcb:
      return 15;
    case RrType::Ixfr:
      return 16;
    case RrType::Axfr:
      return 17;
    case RrType::Any:
      return 18;
    default:
      return kNamedTypes;
  }
}

const char* type_label(size_t index) {
  return kTypeLabels[index < kNamedTypes ? index : kNamedTypes];
}

}  // namespace fairlead::metrics
