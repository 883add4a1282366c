#include "cache/shard.h"

namespace fairlead::cache {
namespace {

constexpr size_t kFirstBuckets = 64;
constexpr int kReclaimed = 2;  // dead entries per insert: more than come, so they never pile up

}  // namespace

Shard::Shard(Queue::Limits success, Queue::Limits denial)
    : buckets_(kFirstBuckets), queues_{Queue(success), Queue(denial)} {}

Shard::~Shard() {
  for (Entry* entry : buckets_) {
    while (entry != nullptr) {
      const EntryPtr owned(entry);
      entry = entry->next_in_bucket;
    }
  }
}

Entry* Shard::find(const Key& key) const {
  Entry* entry = buckets_[key.hash & (buckets_.size() - 1)];
  while (entry != nullptr && !entry->is(key)) entry = entry->next_in_bucket;
  return entry;
}

bool Shard::insert(EntryPtr entry, Now now) {
  const Key key{entry->hash, entry->message().subspan(12, entry->name_size), entry->type,
                entry->dnssec_ok, entry->checking_disabled};
  if (Entry* old = find(key); old != nullptr) {
    entry->hits = old->hits;
    entry->last_hit = old->last_hit;
    entry->visited = true;
    erase(*old);
  }
  if (entry->footprint() > queue_of(*entry).limits().bytes / 4) return false;
  make_room(*entry, now);
  if (queues_[0].count() + queues_[1].count() >= buckets_.size()) grow();
  queue_of(*entry).add(*entry);
  Entry*& bucket = buckets_[entry->hash & (buckets_.size() - 1)];
  entry->next_in_bucket = bucket;
  bucket = entry.release();
  return true;
}

void Shard::erase(Entry& entry) {
  queue_of(entry).remove(entry);
  Entry** link = &buckets_[entry.hash & (buckets_.size() - 1)];
  while (*link != &entry) link = &(*link)->next_in_bucket;
  *link = entry.next_in_bucket;
  FreeEntry()(&entry);
}

void Shard::make_room(const Entry& entry, Now now) {
  Queue& queue = queue_of(entry);
  for (int i = 0; i < kReclaimed; ++i) {
    if (Entry* dead = queue.dead(now); dead != nullptr) erase(*dead);
  }
  while (queue.full(entry.footprint())) {
    Entry* leaving = queue.dead(now);
    if (leaving == nullptr) {
      leaving = queue.victim();
      if (leaving == nullptr) return;
      ++evictions_[static_cast<size_t>(entry.kind)];
    }
    erase(*leaving);
  }
}

void Shard::grow() {
  std::vector<Entry*> larger(buckets_.size() * 2);
  for (Entry* entry : buckets_) {
    while (entry != nullptr) {
      Entry* next = entry->next_in_bucket;
      Entry*& bucket = larger[entry->hash & (larger.size() - 1)];
      entry->next_in_bucket = bucket;
      bucket = entry;
      entry = next;
    }
  }
  buckets_.swap(larger);
}

size_t Shard::bytes() const {
  size_t sum = sizeof(Shard) + buckets_.capacity() * sizeof(void*);
  for (const Queue& queue : queues_) sum += queue.bytes() + queue.table_bytes();
  return sum;
}

}  // namespace fairlead::cache
