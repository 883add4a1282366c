#include "signing/signature_cache.h"

#include <algorithm>

#include "net/random.h"

namespace fairlead::signing {
namespace {

dns::HashKey random_key() {
  net::Random random;
  const uint64_t low = random.u64();
  return {low, random.u64()};
}

}  // namespace

SignatureCache::SignatureCache(size_t capacity)
    : key_(random_key()),
      used_(std::clamp<size_t>(capacity, 1, kShards)),
      of_shard_(capacity / used_) {}

bool SignatureCache::find(uint64_t hash, uint32_t ttl, uint32_t until, Signatures& found) {
  Shard& in = shard(hash);
  const std::lock_guard lock(in.mutex);
  const auto at = in.entries.find(hash);
  if (at == in.entries.end()) return false;
  const Signatures& kept = at->second.signatures;
  if (kept.ttl < ttl || static_cast<int32_t>(kept.expiration - until) < 0) return false;
  at->second.found = true;
  found = kept;
  return true;
}

void SignatureCache::keep(uint64_t hash, const Signatures& signatures) {
  if (of_shard_ == 0) return;
  Shard& in = shard(hash);
  const std::lock_guard lock(in.mutex);
  const auto [at, is_new] = in.entries.try_emplace(hash);
  at->second.signatures = signatures;
  if (is_new) place(in, hash);
}

// Whoever was found lately is passed over once. There is always another than the new one to go.
void SignatureCache::place(Shard& shard, uint64_t hash) const {
  if (shard.order.size() < of_shard_) return shard.order.push_back(hash);
  const auto next = [&] { shard.hand = (shard.hand + 1) % shard.order.size(); };
  for (;; next()) {
    bool& found = shard.entries.find(shard.order[shard.hand])->second.found;
    if (!found) break;
    found = false;
  }
  shard.entries.erase(shard.order[shard.hand]);
  shard.order[shard.hand] = hash;
  next();
}

size_t SignatureCache::size() const {
  size_t size = 0;
  for (const Shard& one : shards_) {
    const std::lock_guard lock(one.mutex);
    size += one.order.size();
  }
  return size;
}

}  // namespace fairlead::signing
