// Writing names into a reply, shortened by those that stand there already. Internal to rendering.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "dns/hash.h"
#include "dns/name.h"
#include "dns/reader.h"  // kHeaderSize
#include "dns/writer.h"

namespace fairlead::dns {

inline constexpr uint16_t kPointer = 0xc000;
inline constexpr size_t kMaxPointerTarget = 0x3fff;

// The names written so far, by the hash of each suffix (RFC 1035 §4.1.4). Octets are compared, not
// folded: a pointer must not change the case of what it stands for. The table and the work per name
// are bounded; what does not fit is not compressed.
class Compressor {
 public:
  explicit Compressor(Writer& writer) : writer_(writer) {}

  // Lets names point at the question's name.
  void add_qname(NameView qname) {
    Suffixes suffixes(qname);
    for (size_t i = 0; i < suffixes.count; ++i) {
      remember(suffixes.hash[i], kHeaderSize + suffixes.start[i]);
    }
  }

  // Writes the name at the front of `octets` and returns its size there; 0, and nothing written,
  // when no name stands there. With `shorten` false it is written whole but later names may point
  // at it (RFC 3597 §4).
  size_t put(std::span<const uint8_t> octets, bool shorten) {
    const Suffixes suffixes(octets);
    if (suffixes.size == 0) return 0;
    const NameView name = octets.first(suffixes.size);
    size_t i = 0;
    for (; i < suffixes.count; ++i) {
      const size_t start = suffixes.start[i];
      const size_t known = shorten ? find(suffixes.hash[i], name.subspan(start)) : 0;
      if (known != 0) {
        writer_.put16(static_cast<uint16_t>(kPointer | known));
        return name.size();
      }
      const size_t here = writer_.at;
      writer_.put(name.subspan(start, name[start] + 1U));
      if (writer_.full) return name.size();
      remember(suffixes.hash[i], here);
    }
    writer_.put(name.last(1));
    return name.size();
  }

 private:
  static constexpr size_t kSlots = 256;
  static constexpr size_t kMaxNames = 160;

  // Where each label of a name starts and the hash of the name from there on.
  struct Suffixes {
    explicit Suffixes(std::span<const uint8_t> name) {
      const size_t limit = std::min(name.size(), kMaxNameSize);
      size_t labels = 0;
      size_t at = 0;
      while (at < limit && name[at] - 1U < kMaxLabelSize) {  // neither the root's nor too long
        start[labels++] = static_cast<uint8_t>(at);
        at += name[at] + 1U;
      }
      if (at >= limit || name[at] != 0) return;
      size = at + 1;
      count = labels;
      uint64_t running = 0x243f6a8885a308d3;
      while (labels-- > 0) {
        const size_t here = start[labels];
        running = hash_octets(&name[here], name[here] + 1U, running);
        hash[labels] = static_cast<uint32_t>(running >> 32);
      }
    }
    size_t size = 0;  // of the whole name; 0: there is none
    size_t count = 0;
    std::array<uint8_t, kMaxLabels + 1> start;  // one more than counts, before the end is seen
    std::array<uint32_t, kMaxLabels> hash;
  };

  static size_t slot_of(uint32_t hash) { return (hash ^ hash >> 16) % kSlots; }

  void remember(uint32_t hash, size_t offset) {
    if (names_ >= kMaxNames || offset > kMaxPointerTarget) return;
    size_t slot = slot_of(hash);
    while (is_taken(slot)) slot = (slot + 1) % kSlots;
    taken_[slot / 64] |= uint64_t{1} << slot % 64;
    offsets_[slot] = static_cast<uint16_t>(offset);
    ++names_;
  }

  [[nodiscard]] bool is_taken(size_t slot) const {
    return (taken_[slot / 64] >> slot % 64 & 1) != 0;
  }

  [[nodiscard]] size_t find(uint32_t hash, NameView suffix) const {
    for (size_t slot = slot_of(hash); is_taken(slot); slot = (slot + 1) % kSlots) {
      if (stands_at(offsets_[slot], suffix)) return offsets_[slot];
    }
    return 0;
  }

  // Our own output: its pointers are sound and go backwards.
  [[nodiscard]] bool stands_at(size_t at, NameView name) const {
    for (size_t i = 0;;) {
      while ((writer_.out[at] & 0xc0) == 0xc0) {
        at = static_cast<size_t>(writer_.out[at] & 0x3f) << 8 | writer_.out[at + 1];
      }
      const size_t size = name[i] + 1U;
      if (at + size > writer_.at || std::memcmp(&writer_.out[at], &name[i], size) != 0)
        return false;
      if (size == 1) return true;
      i += size;
      at += size;
    }
  }

  Writer& writer_;
  size_t names_ = 0;
  std::array<uint64_t, kSlots / 64> taken_{};  // a bit for each slot: clearing them all takes time
  std::array<uint16_t, kSlots> offsets_;       // only the taken ones are set
};

}  // namespace fairlead::dns
