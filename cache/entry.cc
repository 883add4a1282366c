#include "cache/entry.h"

#include <cstring>
#include <new>

namespace fairlead::cache {
namespace {

// The C library's own word in front of a block, and its granularity.
constexpr size_t kBlockHeader = 8;
constexpr size_t kBlockStep = 16;

static_assert(kMaxMessage <= 0xffff);
static_assert(sizeof(Entry) % alignof(TtlPosition) == 0);

}  // namespace

bool Entry::is(const Key& other) const {
  return hash == other.hash && type == other.type && dnssec_ok == other.dnssec_ok &&
         checking_disabled == other.checking_disabled && name_size == other.name.size() &&
         std::memcmp(message().data() + 12, other.name.data(), name_size) == 0;
}

size_t Entry::footprint() const {
  const size_t block = sizeof(Entry) + record_count * sizeof(TtlPosition) + size + kBlockHeader;
  return (block + kBlockStep - 1) / kBlockStep * kBlockStep;
}

void FreeEntry::operator()(Entry* entry) const {
  entry->~Entry();
  ::operator delete(entry);
}

EntryPtr make_entry(const Key& key, std::span<const uint8_t> message,
                    std::span<const TtlPosition> positions) {
  void* block =
      ::operator new(sizeof(Entry) + positions.size_bytes() + message.size(), std::nothrow);
  if (block == nullptr) return nullptr;
  EntryPtr entry(new (block) Entry);
  entry->hash = key.hash;
  entry->type = key.type;
  entry->dnssec_ok = key.dnssec_ok;
  entry->checking_disabled = key.checking_disabled;
  entry->name_size = static_cast<uint8_t>(key.name.size());
  entry->size = static_cast<uint16_t>(message.size());
  entry->record_count = static_cast<uint16_t>(positions.size());
  auto* behind = reinterpret_cast<uint8_t*>(entry.get() + 1);
  if (!positions.empty()) std::memcpy(behind, positions.data(), positions.size_bytes());
  std::memcpy(behind + positions.size_bytes(), message.data(), message.size());
  return entry;
}

}  // namespace fairlead::cache
