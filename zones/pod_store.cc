#include "zones/pod_store.h"

#include <algorithm>
#include <span>
#include <utility>

#include "dns/name.h"

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
PodStore::Added PodStore::add(const Pod& object, const Ref<PodDetails>& details) {
  Added added;
  boost::intrusive_ptr<More> more;
  if (details || object.ips.size() > 1) more.reset(new More);
  if (details) more->details = details;
  const auto in = writer_.namespace_name(dns::lowered(object.key.namespace_name));
  for (const dns::IpAddress& ip : object.ips) {
    const PodRecord record{PodAddress(ip), in};
    if (!added.first.in) {
      added.first = record;
    } else {
      more->others.push_back(record);
    }
    writer_.add_pod(record);
    if (details) writer_.add_pod_details({ip, details});
  }
  added.more = std::move(more);
  return added;
}

// Takes it out of the tables.
void PodStore::undo(const Added& added) {
  const auto drop = [&](const PodRecord& record) {
    writer_.drop_pod(record);
    if (added.more && added.more->details)
      writer_.drop_pod_details({record.address.ip(), added.more->details});
  };
  if (added.first.in) drop(added.first);
  if (added.more) std::ranges::for_each(added.more->others, drop);
}

// False when the object says what it said.
bool PodStore::change(Added& added, const Pod& object) {
  const auto details = make_pod_details(object);
  const Ref<PodDetails> old = added.more ? added.more->details : nullptr;
  const bool as_before = !details || (old && same_details(*old, *details));
  const auto others = added.more ? std::span(added.more->others) : std::span<const PodRecord>();
  if (as_before && has_addresses(added.first, others, object.ips)) return false;
  undo(added);
  added = add(object, details);
  return true;
}

Change PodStore::put(const Pod& object, const Digest& key, uint32_t relist) {
  Added* const before = seen_.see(key, relist);
  if (before != nullptr) return change(*before, object) ? Change::Updated : Change::None;
  seen_.add(key, relist, add(object, make_pod_details(object)));
  return Change::Added;
}

bool PodStore::erase(const Digest& key) {
  const auto added = seen_.take(key);
  if (added) undo(*added);
  return added.has_value();
}

size_t PodStore::erase_unseen(uint32_t relist) {
  return seen_.take_unseen(relist, [this](const Added& added) { undo(added); });
}

}  // namespace fairlead::zones
