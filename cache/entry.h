// One kept reply: a header and, right behind it in the same heap block, its message and where the
// TTLs stand in it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "cache/cache.h"
#include "cache/message.h"

namespace fairlead::cache {

/// What a reply is found by. `name` is lower case and not owned.
struct Key {
  uint64_t hash = 0;  // over all that follows
  dns::NameView name;
  uint16_t type = 0;  // 0: an NXDOMAIN, which is true for every type
  bool dnssec_ok = false;
  bool checking_disabled = false;
};

struct Entry {
  [[nodiscard]] bool is(const Key& other) const;
  [[nodiscard]] Now expires() const { return stored + std::chrono::seconds(ttl); }
  [[nodiscard]] std::span<const TtlPosition> positions() const {
    return {reinterpret_cast<const TtlPosition*>(this + 1), record_count};
  }
  [[nodiscard]] std::span<const uint8_t> message() const {
    return {reinterpret_cast<const uint8_t*>(this + 1) + record_count * sizeof(TtlPosition), size};
  }
  /// Octets of heap that the entry takes.
  [[nodiscard]] size_t footprint() const;

  // Links of the shard's structures.
  Entry* next_in_bucket = nullptr;
  Entry* newer = nullptr;
  Entry* older = nullptr;
  uint64_t hash = 0;

  Now stored{};
  Now dies{};         // from then on it is of no use, not even as a stale answer
  Now quiet_until{};  // no refresh is asked for before
  Now last_hit{};
  uint32_t hits = 0;
  uint32_t heap_index = 0;
  uint32_t ttl = 0;  // the smallest of its records, seconds
  uint16_t type = 0;
  uint16_t size = 0;  // of the message
  uint16_t record_count = 0;
  dns::Rcode rcode = dns::Rcode::NoError;
  uint8_t name_size = 0;
  Kind kind = Kind::Success;
  bool dnssec_ok : 1 = false;
  bool checking_disabled : 1 = false;
  bool failure : 1 = false;  // SERVFAIL, NOTIMP: says nothing about the name
  bool answers : 1 = false;  // holds records of the type that was asked
  bool of_a : 1 = false;     // the reply to a question for type A
  bool visited : 1 = false;  // found since the eviction's hand last passed
};

struct FreeEntry {
  void operator()(Entry* entry) const;
};
using EntryPtr = std::unique_ptr<Entry, FreeEntry>;

/// A block with `message` in it, everything else but the key left as it is in a new Entry. Empty
/// when there is no memory.
EntryPtr make_entry(const Key& key, std::span<const uint8_t> message,
                    std::span<const TtlPosition> positions);

}  // namespace fairlead::cache
