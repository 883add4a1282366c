#include "plugins/rewrite/affixes.h"

#include <algorithm>
#include <bit>

namespace fairlead::plugins::rewrite {

void Affixes::add(std::string_view affix, uint32_t number, bool whole) {
  if (affix.size() > kLongest) return;
  Entry entry{std::string(affix), number, whole};
  for (size_t i = 0; i < affix.size(); ++i) entry.hash = mix(entry.hash, at(affix, i));
  entries_.push_back(std::move(entry));
  (whole ? whole_sizes_ : sizes_).set(affix.size());
  longest_ = std::max(longest_, affix.size());
}

void Affixes::build() {
  buckets_.assign(std::bit_ceil(entries_.size() * 2 + 1), kNone);
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    uint32_t& first = buckets_[bucket(entries_[i].hash)];
    entries_[i].next = first;
    first = i;
  }
}

void Affixes::find(std::string_view text, std::vector<uint32_t>& found) const {
  if (entries_.empty()) return;
  const size_t end = std::min(text.size(), longest_);
  uint64_t hash = 0;
  for (size_t i = 0; i < end; ++i) {
    hash = mix(hash, at(text, i));
    const size_t size = i + 1;
    if (sizes_[size] || (size == text.size() && whole_sizes_[size]))
      collect(text, size, hash, found);
  }
}

void Affixes::collect(std::string_view text, size_t size, uint64_t hash,
                      std::vector<uint32_t>& found) const {
  const std::string_view part =
      side_ == Side::Front ? text.substr(0, size) : text.substr(text.size() - size);
  for (uint32_t i = buckets_[bucket(hash)]; i != kNone; i = entries_[i].next) {
    const Entry& entry = entries_[i];
    const bool fits = entry.hash == hash && entry.affix == part;
    if (fits && (!entry.whole || size == text.size())) found.push_back(entry.number);
  }
}

}  // namespace fairlead::plugins::rewrite
