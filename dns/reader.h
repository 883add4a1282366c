// Bounded reading of a message's octets (RFC 1035 §4.1), names included.
#pragma once

#include <cstdint>
#include <span>

#include "dns/name.h"

namespace fairlead::dns {

inline constexpr size_t kHeaderSize = 12;
/// What stands in front of the rdata of a record whose owner is a pointer.
inline constexpr size_t kRecordHead = 12;

/// A position in a message. Every read checks the bounds; after a failed one `ok` stays false.
struct Reader {
  std::span<const uint8_t> packet;
  size_t at = 0;  // at most packet.size()
  bool ok = true;

  bool need(size_t size) {
    ok = ok && size <= packet.size() - at;
    return ok;
  }
  uint8_t u8() { return need(1) ? packet[at++] : 0; }
  uint16_t u16() {
    if (!need(2)) return 0;
    at += 2;
    return static_cast<uint16_t>(packet[at - 2] << 8 | packet[at - 1]);
  }
  uint32_t u32() {
    const uint32_t high = u16();
    return high << 16 | u16();
  }
  void skip(size_t size) {
    if (need(size)) at += size;
  }
};

/// Walks over a name that may be compressed (RFC 1035 §4.1.4) and moves `in` behind it. `visit` is
/// told each label, its length octet in front, the root's zero octet last; after a false from it
/// the walk goes on no further. Pointers must go strictly backwards, which ends every loop, and
/// there is at most one for each label; names stay within 255 octets (RFC 9267 §2–3). False when
/// the name cannot be read; `in.ok` is false too when that is because the message ends.
template <typename Visit>
bool walk_name(Reader& in, Visit visit) {
  Reader name = in;
  size_t limit = in.at;  // a pointer's target must lie before this
  size_t size = 0;
  size_t jumps = 0;
  for (;;) {
    const uint8_t length = name.u8();
    if ((length & 0xc0) == 0xc0) {
      const size_t target = static_cast<size_t>(length & 0x3f) << 8 | name.u8();
      if (!name.ok) break;
      if (jumps++ == 0) in.at = name.at;
      if (target < kHeaderSize || target >= limit || jumps > kMaxLabels) return false;
      limit = name.at = target;
      continue;
    }
    size += length + 1U;
    if (length > kMaxLabelSize || size > kMaxNameSize) return false;
    name.skip(length);
    if (!name.ok) break;
    if (!visit(in.packet.subspan(name.at - length - 1U, length + 1U)) || length == 0) {
      if (jumps == 0) in.at = name.at;
      return true;
    }
  }
  if (jumps == 0) in.ok = false;
  return false;
}

/// Copies a name without compression to `out`, which takes kMaxNameSize octets. Returns its size, 0
/// when it cannot be read.
inline size_t read_name(Reader& in, uint8_t* out) {
  size_t size = 0;
  const bool ok = walk_name(in, [&](NameView label) {
    std::memcpy(out + size, label.data(), label.size());
    size += label.size();
    return true;
  });
  return ok ? size : 0;
}

}  // namespace fairlead::dns
