// Which questions are being asked right now, over all workers of a group: an identical one waits
// for the outcome instead of being asked again, so that a miss storm for one name costs one
// upstream query, and an attacker gets no second chance to guess an id for it (RFC 5452 §5).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "dns/name.h"
#include "dns/siphash.h"
#include "dns/types.h"

namespace fairlead::forward {

/// Any thread. Allocates nothing after construction: what is linked lives in the callers' objects.
class InFlight {
 public:
  /// What makes two questions identical.
  struct Key {
    dns::Name qname;  // lower-cased
    dns::RrType qtype = dns::RrType::A;
    dns::RrClass qclass = dns::RrClass::In;
    bool dnssec_ok = false;
    bool checking_disabled = false;
    bool recursion_desired = true;
    dns::Transport transport = dns::Transport::Udp;
    std::vector<uint8_t> options;  // that the upstream is sent

    friend bool operator==(const Key&, const Key&) = default;
  };

  /// Somebody who wants the outcome of a question that another one asks. `owner` is the caller's.
  struct Waiter {
    Waiter* next = nullptr;
    void* owner = nullptr;
  };

  /// A question that is being asked. The caller sets `key`; the rest is InFlight's, and the whole
  /// must stay where it is and unchanged from a join() that said Ask until finish().
  struct Entry {
    Key key;

   private:
    friend class InFlight;
    Entry* next_ = nullptr;
    Waiter* first_ = nullptr;
    Waiter** last_ = nullptr;
    uint32_t waiters_ = 0;
    uint64_t hash_ = 0;
  };

  enum class Joined : uint8_t {
    Ask,   // nobody asks this yet: `mine` is in flight now, its owner asks and calls finish()
    Wait,  // `waiter` is linked to the one that asks; `mine` is not used
    Full,  // kMaxWaiters wait already: nothing is linked
  };

  /// Who waits for one question, at most.
  static constexpr uint32_t kMaxWaiters = 4096;

  InFlight();
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;

  /// `waiter` must stay where it is until finish() hands it out or leave() takes it back.
  Joined join(Entry& mine, Waiter& waiter);

  /// Ends what join() said Ask to, whatever the outcome. Returns those who wait, in the order in
  /// which they came, linked by `next`; null for none. They are the caller's to tell.
  Waiter* finish(Entry& mine);

  /// Stops waiting. False when finish() has handed `waiter` out already: it will be told.
  bool leave(const Key& key, Waiter& waiter);

  /// How often finish() was called. Whoever looked for an answer elsewhere before join() said Ask
  /// looks again when this has changed meanwhile: it may be there now.
  [[nodiscard]] uint64_t finished() const { return finished_.load(std::memory_order_acquire); }

  /// Questions in flight, for tests and metrics.
  [[nodiscard]] size_t size() const;

 private:
  static constexpr size_t kShards = 16;
  static constexpr size_t kBuckets = 256;  // per shard; more questions make longer chains

  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::array<Entry*, kBuckets> buckets{};  // guarded by mutex, as are the entries in it
    size_t entries = 0;
  };

  [[nodiscard]] uint64_t hash(const Key& key) const;
  Shard& shard(uint64_t hash) { return shards_[hash % kShards]; }
  static Entry*& bucket(Shard& shard, uint64_t hash) {
    return shard.buckets[hash / kShards % kBuckets];
  }
  static Entry* find(Shard& shard, uint64_t hash, const Key& key);

  std::atomic<uint64_t> finished_{0};
  dns::HashKey hash_key_;  // secret, so that nobody can aim at one chain
  std::vector<Shard> shards_;
};

}  // namespace fairlead::forward
