#include "zones/zone_difference.h"

#include <algorithm>
#include <set>
#include <vector>

#include "zones/snapshot_changes.h"

namespace fairlead::zones {
namespace {

constexpr size_t kFew = 100;  // services: looked at whatever part of all they are

using Ids = std::set<SnapshotChanges::Id>;

struct AddressOrder {
  bool operator()(const dns::IpAddress& a, const dns::IpAddress& b) const {
    return std::ranges::lexicographical_compare(a.octets(), b.octets());
  }
};
using Addresses = std::set<dns::IpAddress, AddressOrder>;

// The addresses that one version of a service has and whose names the other may say otherwise.
void add_addresses(const ServiceRecord* of, const ServiceRecord* other, bool all, Addresses& out) {
  if (of == nullptr) return;
  out.insert(of->cluster_ips.begin(), of->cluster_ips.end());
  for (const Ref<SliceRecord>& slice : of->slices) {
    const bool shared =
        !all && other != nullptr && std::ranges::find(other->slices, slice) != other->slices.end();
    if (shared) continue;
    for (size_t i = 0; i < slice->size(); ++i) out.insert(slice->address(i));
  }
}

void add_addresses(const OutsideRecord* of, Addresses& out) {
  if (of != nullptr) out.insert(of->addresses.begin(), of->addresses.end());
}

class Finding {
 public:
  Finding(const WholeZone::Of& of, const SnapshotPtr& earlier, const SnapshotPtr& later,
          const TakeNames& take)
      : changes_(*earlier, *later),
        of_(of),
        earlier_(of, earlier),
        later_(of, later),
        all_(later->service_count() + later->import_count()),
        take_(take) {}

  bool run() {
    const size_t changed = changes_.services().size() + changes_.imports().size();
    if (changed > kFew && changed > all_ / 2) return false;
    earlier_.add_apex(was_);
    later_.add_apex(is_);
    for (const std::string_view name : changes_.namespaces()) {
      earlier_.add_namespace(name, was_);
      later_.add_namespace(name, is_);
    }
    if (!give()) return false;
    if (later_.is_reverse()) return find_pointers();
    return find_services() && (!later_.has_pods() || find_pods());
  }

 private:
  bool give() {
    const bool more = take_(was_, is_);
    was_.clear();
    is_.clear();
    return more;
  }

  bool find_services() {
    const bool imports = of_.outside == nullptr && of_.cluster.is_multicluster(of_.zone);
    Ids ids;
    for (const auto& [id, changed] : imports ? changes_.imports() : changes_.services())
      ids.insert(id);
    if (of_.outside != nullptr)
      for (const auto& [id, changed] : changes_.outsides()) ids.insert(id);
    return std::ranges::all_of(ids, [this](const SnapshotChanges::Id& id) {
      earlier_.add_service(id.first, id.second, was_);
      later_.add_service(id.first, id.second, is_);
      return give();
    });
  }

  bool find_pods() {
    return std::ranges::all_of(changes_.pods(), [this](const auto& pod) {
      earlier_.add_pod(pod.second, pod.first, was_);
      later_.add_pod(pod.second, pod.first, is_);
      return give();
    });
  }

  bool find_pointers() {
    Addresses addresses;
    if (of_.outside != nullptr) {
      for (const auto& [id, changed] : changes_.outsides()) {
        add_addresses(changed.earlier, addresses);
        add_addresses(changed.later, addresses);
      }
    } else {
      for (const auto& [id, changed] : changes_.services()) {
        add_addresses(changed.earlier, changed.later, changed.as_a_whole, addresses);
        add_addresses(changed.later, changed.earlier, changed.as_a_whole, addresses);
      }
    }
    return std::ranges::all_of(addresses, [this](const dns::IpAddress& address) {
      earlier_.add_pointers(address, was_);
      later_.add_pointers(address, is_);
      return give();
    });
  }

  const SnapshotChanges changes_;
  const WholeZone::Of of_;
  WholeZone earlier_, later_;
  const size_t all_;  // services
  const TakeNames& take_;
  dns::Answer was_, is_;
};

}  // namespace

bool find_differences(const WholeZone::Of& of, const SnapshotPtr& earlier, const SnapshotPtr& later,
                      const TakeNames& take) {
  return Finding(of, earlier, later, take).run();
}

}  // namespace fairlead::zones
