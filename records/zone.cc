#include "records/zone.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dns/hash.h"

namespace fairlead::records {
namespace {

// A record in the block: type, size of its rdata, TTL, each in the machine's order, then rdata.
constexpr size_t kHead = 8;

template <class Word>
Word load(const uint8_t* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Where each label begins, leftmost first.
struct Labels {
  explicit Labels(dns::NameView name) {
    for (size_t i = 0; name[i] != 0; i += name[i] + 1U) at[count++] = static_cast<uint8_t>(i);
  }
  std::array<uint8_t, dns::kMaxLabels> at;  // NOLINT: only the first `count` are set
  size_t count = 0;
};

}  // namespace

ZoneRecord RecordsOfName::Iterator::operator*() const {
  return {static_cast<dns::RrType>(load<uint16_t>(at_)),
          load<uint32_t>(at_ + 4),
          {at_ + kHead, load<uint16_t>(at_ + 2)}};
}

RecordsOfName::Iterator& RecordsOfName::Iterator::operator++() {
  at_ += kHead + load<uint16_t>(at_ + 2);
  return *this;
}

int compare_names(dns::NameView a, dns::NameView b) {
  const Labels left(a);
  const Labels right(b);
  const size_t common = std::min(left.count, right.count);
  for (size_t i = 1; i <= common; ++i) {
    const uint8_t* const x = a.data() + left.at[left.count - i];
    const uint8_t* const y = b.data() + right.at[right.count - i];
    if (const int order = std::memcmp(x + 1, y + 1, std::min(*x, *y)); order != 0) return order;
    if (*x != *y) return *x < *y ? -1 : 1;
  }
  return left.count == right.count ? 0 : left.count < right.count ? -1 : 1;
}

size_t Zone::octets() const {
  return octets_.capacity() + nodes_.capacity() * sizeof(Node) +
         (table_.capacity() + nsec_nodes_.capacity()) * sizeof(uint32_t) + sizeof *this;
}

const Zone::Node* Zone::find(dns::NameView wanted) const {
  const size_t mask = table_.size() - 1;
  const uint64_t hash = dns::hash_octets(wanted.data(), wanted.size(), seed_);
  const uint32_t tag = tag_of(hash);
  for (size_t at = hash & mask; table_[at] != 0; at = (at + 1) & mask) {
    if ((table_[at] & ~number_mask_) != tag) continue;
    const Node& node = nodes_[(table_[at] & number_mask_) - 1];
    if (std::ranges::equal(name(node), wanted)) return &node;
  }
  return nullptr;
}

const Zone::Node* Zone::nsec_before(dns::NameView wanted) const {
  const auto behind = std::ranges::upper_bound(
      nsec_nodes_, wanted, [](dns::NameView a, dns::NameView b) { return compare_names(a, b) < 0; },
      [this](uint32_t number) { return name(nodes_[number]); });
  return behind == nsec_nodes_.begin() ? nullptr : &nodes_[*std::prev(behind)];
}

}  // namespace fairlead::records
