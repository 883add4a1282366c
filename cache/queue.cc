#include "cache/queue.h"

namespace fairlead::cache {

void Queue::add(Entry& entry) {
  entry.newer = nullptr;
  entry.older = newest_;
  (newest_ != nullptr ? newest_->newer : oldest_) = &entry;
  newest_ = &entry;
  bytes_ += entry.footprint();
  by_death_.push_back(&entry);
  place(by_death_.size() - 1, entry);
  sift_up(by_death_.size() - 1);
}

void Queue::remove(Entry& entry) {
  if (hand_ == &entry) hand_ = entry.newer;
  (entry.newer != nullptr ? entry.newer->older : newest_) = entry.older;
  (entry.older != nullptr ? entry.older->newer : oldest_) = entry.newer;
  bytes_ -= entry.footprint();
  const size_t index = entry.heap_index;
  Entry* last = by_death_.back();
  by_death_.pop_back();
  if (last == &entry) return;
  place(index, *last);
  sift_up(index);
  sift_down(last->heap_index);
}

Entry* Queue::dead(Now now) const {
  if (by_death_.empty() || by_death_.front()->dies > now) return nullptr;
  return by_death_.front();
}

Entry* Queue::victim() {
  if (oldest_ == nullptr) return nullptr;
  Entry* entry = hand_ != nullptr ? hand_ : oldest_;
  while (entry->visited) {
    entry->visited = false;
    entry = entry->newer != nullptr ? entry->newer : oldest_;
  }
  hand_ = entry;  // remove() moves it on
  return entry;
}

void Queue::place(size_t index, Entry& entry) {
  by_death_[index] = &entry;
  entry.heap_index = static_cast<uint32_t>(index);
}

void Queue::sift_up(size_t index) {
  Entry* entry = by_death_[index];
  while (index > 0 && entry->dies < by_death_[(index - 1) / 2]->dies) {
    place(index, *by_death_[(index - 1) / 2]);
    index = (index - 1) / 2;
  }
  place(index, *entry);
}

void Queue::sift_down(size_t index) {
  Entry* entry = by_death_[index];
  for (size_t child = 2 * index + 1; child < by_death_.size(); child = 2 * index + 1) {
    if (child + 1 < by_death_.size() && by_death_[child + 1]->dies < by_death_[child]->dies)
      ++child;
    if (by_death_[child]->dies >= entry->dies) break;
    place(index, *by_death_[child]);
    index = child;
  }
  place(index, *entry);
}

}  // namespace fairlead::cache
