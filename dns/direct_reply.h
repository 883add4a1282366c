// A reply that is written record by record, without an Answer in between: for the few kinds of
// answers that nearly all questions get.
#pragma once

#include <cstdint>
#include <span>

#include "dns/query.h"
#include "dns/types.h"

namespace fairlead::dns {

/// Makes the octets that render() makes of an Answer with the same records. Owners, and names in
/// rdata, are those of the question from one of its labels on, as pointers; names that are none of
/// those the caller writes whole. What does not fit, the caller leaves to render(), which knows how
/// to cut. The question's name must not be the root, its class is IN.
class DirectReply {
 public:
  /// `out` as for render(). Query and `out` must outlive this.
  DirectReply(const Query& query, std::span<uint8_t> out);

  /// Octets that records may still take.
  [[nodiscard]] size_t room() const { return limit_ - at_; }

  /// Begins a record and returns where its rdata goes, all of which the caller writes. The owner is
  /// the question's name from its octet `owner` on. There must be room().
  uint8_t* add(size_t owner, RrType type, uint32_t ttl, size_t rdata_size);

  struct Counts {
    uint16_t answers = 0;
    uint16_t authorities = 0;
    uint16_t additionals = 0;
  };
  /// Writes header and OPT record, says AA, and returns the reply's size.
  size_t finish(Rcode rcode, const Counts& counts);

 private:
  const Query& query_;
  const std::span<uint8_t> out_;
  const size_t limit_;  // what is behind is the OPT record's
  size_t at_ = 0;
};

/// A pointer to the question's name from its octet `at` on (RFC 1035 §4.1.4).
uint16_t pointer_into_qname(size_t at);

}  // namespace fairlead::dns
