// Signatures that were made for answers, so that what is asked often is signed once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "dns/siphash.h"

namespace fairlead::signing {

/// RRSIG records of one RRset, all with the same times.
struct Signatures {
  uint32_t ttl = 0;              // of what was signed
  uint32_t expiration = 0;       // seconds since 1970
  std::vector<uint8_t> records;  // rdata of each behind its size in two octets
};

/// Any thread. Bounded: what was not found since it was last passed over makes room, oldest first.
class SignatureCache {
 public:
  /// Keeps `capacity` RRsets' signatures at most, none when it is 0.
  explicit SignatureCache(size_t capacity);

  /// What RRsets are hashed with: strangers choose what is signed.
  [[nodiscard]] const dns::HashKey& key() const { return key_; }

  /// Copies what is kept for an RRset of this hash to `found`. A signature is good for records with
  /// a smaller TTL than it says, for their TTL counts down (RFC 4035 §5.3.3), not for a greater
  /// one. False when there is none that is good at `until`, in seconds since 1970.
  bool find(uint64_t hash, uint32_t ttl, uint32_t until, Signatures& found);
  void keep(uint64_t hash, const Signatures& signatures);

  [[nodiscard]] size_t size() const;

 private:
  struct Entry {
    Signatures signatures;
    bool found = false;  // since the hand was here
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<uint64_t, Entry> entries;
    std::vector<uint64_t> order;  // of entries; a ring once it is full
    size_t hand = 0;
  };
  static constexpr size_t kShards = 16;

  [[nodiscard]] Shard& shard(uint64_t hash) { return shards_[hash % used_]; }
  void place(Shard& shard, uint64_t hash) const;

  const dns::HashKey key_;
  const size_t used_;  // shards
  const size_t of_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace fairlead::signing
