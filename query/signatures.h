// Messages that are signed, where no chain of steps is asked: those that steps never see (NOTIFY).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/query.h"

namespace fairlead::query {

/// What a directive (tsig) knows of keys. Shared by all workers.
class Signatures {
 public:
  virtual ~Signatures() = default;

  /// `query`, which came as `packet`, may be heard (NOERROR), or what is said instead. `state`,
  /// empty before, is for sign(); it stays empty when the reply is not signed. Any thread.
  [[nodiscard]] virtual dns::Rcode check(const dns::Query& query, std::span<const uint8_t> packet,
                                         std::vector<uint8_t>& state) const = 0;

  /// Puts the signature behind the reply `out[0, size)`, and into `state` what the next message of
  /// that reply is signed with. Returns the new size, 0 without room. Any thread.
  virtual size_t sign(std::vector<uint8_t>& state, std::span<uint8_t> out, size_t size) const = 0;
};

}  // namespace fairlead::query
