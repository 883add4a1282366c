#include "zones/aim.h"

#include "zones/hash.h"

namespace fairlead::zones {
Aim::Aim(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query)
    : zone(nullptr), seed(snapshot.seed()) {
  for (const dns::Name& one : cluster.zones) {
    if (zone != nullptr && one.size() <= zone->size()) continue;
    const auto in_front = query.labels_in_front_of(one.view());
    if (!in_front) continue;
    zone = &one;
    labels = *in_front;
  }
  if (zone != nullptr) read(cluster, query);
}

Aim::Aim(const ClusterZone& cluster, const Snapshot& snapshot, const dns::Query& query,
         const dns::Name& in)
    : zone(&in), seed(snapshot.seed()), labels(query.labels_in_front_of(in.view()).value_or(0)) {
  read(cluster, query);
}

void Aim::read(const ClusterZone& cluster, const dns::Query& query) {
  multicluster = cluster.is_multicluster(*zone);
  if (labels == 0) return;
  if (query.label_is(query.label_count - 1U, "arpa")) read_address(query);
  if (!address) read_tree(query);
}

void Aim::read_address(const dns::Query& query) {
  const dns::NameView name = query.lower_qname.view();
  reverse = dns::is_reverse_name(name);
  if (!reverse) return;
  address = dns::address_from_reverse_name(name);
  if (address) address_hash = hash_address(address->octets(), seed);
}

void Aim::read_tree(const dns::Query& query) {
  if (query.label_is(labels - 1, "svc")) {
    tree = Tree::Services;
  } else if (query.label_is(labels - 1, "pod")) {
    tree = Tree::Pods;
  }
  if (tree == Tree::Neither || labels < 2) return;
  const uint64_t in_namespace = hash_namespace(query.label(labels - 2), seed);
  namespace_hash = fold32(in_namespace);
  if (tree == Tree::Services && labels > 2)
    service_hash = hash_in_namespace(query.label(labels - 3), in_namespace);
}

}  // namespace fairlead::zones
