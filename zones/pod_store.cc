#include "zones/pod_store.h"

#include <algorithm>
#include <span>
#include <utility>

#include "dns/name.h"
#include "zones/table_parts.h"

namespace fairlead::zones {
namespace {

bool has_addresses(const PodRecord& first, std::span<const PodRecord> others,
                   std::span<const dns::IpAddress> ips) {
  if (ips.empty() || !first.in) return ips.empty() && !first.in;
  return first.address == PodAddress(ips.front()) &&
         std::ranges::equal(others, ips.subspan(1), [](const PodRecord& a, const auto& b) {
           return a.address == PodAddress(b);
         });
}

}  // namespace

// Puts it into the tables.
PodStore::Seen PodStore::add(const Pod& object, const Ref<PodDetails>& details) {
  Seen seen;
  boost::intrusive_ptr<More> more;
  if (details || object.ips.size() > 1) more.reset(new More);
  if (details) more->details = details;
  const auto in = writer_.namespace_name(dns::lowered(object.key.namespace_name));
  for (const dns::IpAddress& ip : object.ips) {
    const PodRecord record{PodAddress(ip), in};
    if (!seen.first.in) {
      seen.first = record;
    } else {
      more->others.push_back(record);
    }
    writer_.add_pod(record);
    if (details) writer_.add_pod_details({ip, details});
  }
  seen.more = std::move(more);
  return seen;
}

// Takes it out of the tables.
void PodStore::undo(const Seen& seen) {
  const auto drop = [&](const PodRecord& record) {
    writer_.drop_pod(record);
    if (seen.more && seen.more->details)
      writer_.drop_pod_details({record.address.ip(), seen.more->details});
  };
  if (seen.first.in) drop(seen.first);
  if (seen.more) std::ranges::for_each(seen.more->others, drop);
}

// False when the object says what it said.
bool PodStore::change(Seen& seen, const Pod& object) {
  const auto details = make_pod_details(object);
  const Ref<PodDetails> old = seen.more ? seen.more->details : nullptr;
  const bool as_before = !details || (old && same_details(*old, *details));
  const auto others = seen.more ? std::span(seen.more->others) : std::span<const PodRecord>();
  if (as_before && has_addresses(seen.first, others, object.ips)) return false;
  undo(seen);
  seen = add(object, details);
  return true;
}

Change PodStore::put(const Pod& object, const Digest& digest, uint32_t relist) {
  const Key key = key_of(digest);
  const Seen* const before = seen_.find(key.hash, key);
  if (before == nullptr) {
    Seen seen = add(object, make_pod_details(object));
    seen.key = key.rest;
    seen.relist = relist;
    seen_.insert(key.hash, std::move(seen));
    return Change::Added;
  }
  Seen seen = *before;
  const bool changed = change(seen, object);
  if (!changed && seen.relist == relist) return Change::None;
  seen.key = key.rest;
  seen.relist = relist;
  seen_.replace(key.hash, key, std::move(seen));
  return changed ? Change::Updated : Change::None;
}

bool PodStore::erase(const Key& key) {
  const Seen* const seen = seen_.find(key.hash, key);
  if (seen == nullptr) return false;
  undo(*seen);
  return seen_.erase(key.hash, key);
}

bool PodStore::erase(const Digest& digest) {
  return erase(key_of(digest));
}

size_t PodStore::erase_unseen(uint32_t relist) {
  std::vector<Key> gone;
  for (size_t part = 0; part < kTableParts; ++part) {
    visit_part(seen_, part, [&](uint32_t hash, const Seen& one) {
      if (one.relist != relist) gone.push_back({hash, one.key});
    });
  }
  for (const Key& key : gone) erase(key);
  return gone.size();
}

}  // namespace fairlead::zones
