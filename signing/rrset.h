// One RRset as it is signed (RFC 4034 §3.1.8.1, §6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/name.h"
#include "dns/siphash.h"
#include "dns/types.h"
#include "signing/zone_key.h"

namespace fairlead::signing {

/// When a signature holds, in seconds since 1970 (RFC 4034 §3.1.5).
struct Validity {
  uint32_t inception = 0;
  uint32_t expiration = 0;
};

/// Made for reuse by one thread: stops allocating after the first few.
class Rrset {
 public:
  /// Becomes an empty RRset. `owner` may be in any case.
  void begin(dns::NameView owner, dns::RrType type);
  /// One of its records; without compressed names.
  void add(std::span<const uint8_t> rdata);
  /// Behind the last add(): puts the records in their order. Those that are equal count once.
  void finish();

  [[nodiscard]] dns::RrType type() const { return type_; }

  /// Of all that is signed but the TTL. Only behind finish().
  [[nodiscard]] uint64_t hash(const dns::HashKey& key) const;

  /// Appends the rdata of an RRSIG record by `key` of the zone `zone` (lower case). Only behind
  /// finish(). False when it cannot be made.
  [[nodiscard]] bool sign(const ZoneKey& key, dns::NameView zone, uint32_t ttl,
                          const Validity& validity, std::vector<uint8_t>& rrsig);

 private:
  struct Part {
    size_t at = 0;  // in rdata_
    size_t size = 0;
  };
  [[nodiscard]] std::span<const uint8_t> rdata(const Part& part) const {
    return std::span(rdata_).subspan(part.at, part.size);
  }

  dns::Name owner_;
  dns::RrType type_ = dns::RrType::A;
  std::vector<uint8_t> rdata_;  // canonical
  std::vector<Part> parts_;
  std::vector<uint8_t> records_;  // as they are signed, TTLs of 0
  std::vector<uint8_t> signed_;   // scratch of sign()
};

}  // namespace fairlead::signing
