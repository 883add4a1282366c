#include "forward/in_flight.h"

#include <bit>
#include <cstring>

#include "forward/random.h"

namespace fairlead::forward {
namespace {

/// SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"): one round per eight
/// octets, three at the end.
class SipHash {
 public:
  explicit SipHash(const std::array<uint64_t, 2>& key)
      : v0_(key[0] ^ 0x736f6d6570736575U),
        v1_(key[1] ^ 0x646f72616e646f6dU),
        v2_(key[0] ^ 0x6c7967656e657261U),
        v3_(key[1] ^ 0x7465646279746573U) {}

  void add(uint64_t word) {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }

  /// The last word holds the length, so that no two inputs are padded into the same words.
  uint64_t finish(uint64_t last) {
    add(last);
    v2_ ^= 0xff;
    for (int i = 0; i < 3; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32) + v3_;
    v2_ += v1_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace

InFlight::InFlight() : shards_(kShards) {
  Random random;
  hash_key_ = {random.u64(), random.u64()};
}

uint64_t InFlight::hash(const Key& key) const {
  SipHash hash(hash_key_);
  const dns::NameView name = key.qname.view();
  for (size_t at = 0; at < name.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, name.data() + at, std::min(sizeof word, name.size() - at));
    hash.add(word);
  }
  const uint64_t flags = (key.dnssec_ok ? 1U : 0U) | (key.checking_disabled ? 2U : 0U) |
                         (key.recursion_desired ? 4U : 0U) |
                         (key.transport == dns::Transport::Tcp ? 8U : 0U);
  return hash.finish(name.size() | static_cast<uint64_t>(key.qtype) << 8 | flags << 24);
}

InFlight::Entry* InFlight::find(Shard& shard, uint64_t hash, const Key& key) {
  Entry* entry = bucket(shard, hash);
  while (entry != nullptr && !(entry->hash_ == hash && entry->key == key)) entry = entry->next_;
  return entry;
}

InFlight::Joined InFlight::join(Entry& mine, Waiter& waiter) {
  const uint64_t h = hash(mine.key);
  Shard& s = shard(h);
  const std::lock_guard lock(s.mutex);
  if (Entry* running = find(s, h, mine.key)) {
    if (running->waiters_ == kMaxWaiters) return Joined::Full;
    ++running->waiters_;
    waiter.next = nullptr;
    *running->last_ = &waiter;
    running->last_ = &waiter.next;
    return Joined::Wait;
  }
  mine.hash_ = h;
  mine.first_ = nullptr;
  mine.last_ = &mine.first_;
  mine.waiters_ = 0;
  Entry*& head = bucket(s, h);
  mine.next_ = head;
  head = &mine;
  ++s.entries;
  return Joined::Ask;
}

InFlight::Waiter* InFlight::finish(Entry& mine) {
  finished_.fetch_add(1, std::memory_order_release);
  Shard& s = shard(mine.hash_);
  const std::lock_guard lock(s.mutex);
  Entry** at = &bucket(s, mine.hash_);
  while (*at != nullptr && *at != &mine) at = &(*at)->next_;
  if (*at == nullptr) return nullptr;
  *at = mine.next_;
  --s.entries;
  return mine.first_;
}

bool InFlight::leave(const Key& key, Waiter& waiter) {
  const uint64_t h = hash(key);
  Shard& s = shard(h);
  const std::lock_guard lock(s.mutex);
  Entry* running = find(s, h, key);
  if (running == nullptr) return false;
  Waiter** at = &running->first_;
  while (*at != nullptr && *at != &waiter) at = &(*at)->next;
  if (*at == nullptr) return false;
  *at = waiter.next;
  if (*at == nullptr) running->last_ = at;
  --running->waiters_;
  return true;
}

size_t InFlight::size() const {
  size_t total = 0;
  for (const Shard& s : shards_) {
    const std::lock_guard lock(s.mutex);
    total += s.entries;
  }
  return total;
}

}  // namespace fairlead::forward
