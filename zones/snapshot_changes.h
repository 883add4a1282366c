// Which objects differ between two snapshots of one store, without a look at what they share.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "dns/address.h"
#include "zones/outside.h"
#include "zones/records.h"
#include "zones/snapshot.h"

namespace fairlead::zones {

/// Null: there was, or is, none.
template <typename Record>
struct Changed {
  const Record* earlier = nullptr;
  const Record* later = nullptr;
  bool as_a_whole = false;  // its namespace has come or gone
};

/// Refers to both snapshots, which must outlive it. Used by one thread.
class SnapshotChanges {
 public:
  using Id = std::pair<std::string_view, std::string_view>;  // namespace, name
  using Services = std::map<Id, Changed<ServiceRecord>>;
  using Outsides = std::map<Id, Changed<OutsideRecord>>;

  /// Costs what has changed, but that a namespace which has come or gone has all services looked
  /// at.
  SnapshotChanges(const Snapshot& earlier, const Snapshot& later);

  /// Namespaces that have come or gone.
  [[nodiscard]] const std::set<std::string_view>& namespaces() const { return namespaces_; }
  [[nodiscard]] const Services& services() const { return services_; }
  [[nodiscard]] const Services& imports() const { return imports_; }
  [[nodiscard]] const Outsides& outsides() const { return outsides_; }

  /// Addresses of pods, by namespace, that only one of the two snapshots has, and all of
  /// namespaces() in both. Costs what has changed, and as above.
  using Pods = std::set<std::pair<std::string_view, dns::IpAddress>>;
  [[nodiscard]] Pods pods() const;

 private:
  template <typename Record>
  using Table = SharedTable<Ref<Record>>;
  template <typename Record>
  void compare(const Table<Record>& earlier, const Table<Record>& later,
               std::map<Id, Changed<Record>>& changed) const;

  const Snapshot& earlier_;
  const Snapshot& later_;
  std::set<std::string_view> namespaces_;
  Services services_, imports_;
  Outsides outsides_;
};

}  // namespace fairlead::zones
