#include "forward/in_flight.h"

#include <cstring>

#include "net/random.h"

namespace fairlead::forward {

InFlight::InFlight() : shards_(kShards) {
  net::Random random;
  hash_key_ = {random.u64(), random.u64()};
}

uint64_t InFlight::hash(const Key& key) const {
  const dns::NameView name = key.qname.view();
  const auto type = static_cast<uint16_t>(key.qtype);
  std::array<uint8_t, dns::kMaxNameSize + 3> octets;  // only those that are hashed are set
  std::memcpy(octets.data(), name.data(), name.size());
  uint8_t* rest = octets.data() + name.size();
  rest[0] = static_cast<uint8_t>(type >> 8);
  rest[1] = static_cast<uint8_t>(type);
  rest[2] = static_cast<uint8_t>((key.dnssec_ok ? 1 : 0) | (key.checking_disabled ? 2 : 0) |
                                 (key.recursion_desired ? 4 : 0) |
                                 (key.transport == dns::Transport::Tcp ? 8 : 0));
  const uint64_t asked = dns::siphash(hash_key_, std::span(octets).first(name.size() + 3));
  return key.options.empty() ? asked : asked ^ dns::siphash(hash_key_, key.options);
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
