// The pods of a snapshot as their names list them, a part at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "zones/pod_record.h"
#include "zones/snapshot.h"
#include "zones/table_parts.h"

namespace fairlead::zones {

/// Calls `visit(const PodRecord&)` for every address that a pod has in its namespace, once however
/// many pods share it, in one of Snapshot::kParts parts.
template <typename Visit>
void for_each_pod(const Snapshot& snapshot, size_t part, Visit&& visit) {
  visit_part(snapshot.pods(), part, [&](uint32_t hash, const PodRecord& pod) {
    const PodRecord* const first = snapshot.pods().find(hash, [&](const PodRecord& other) {
      return other.address == pod.address && other.in->name == pod.in->name;
    });
    if (first == &pod) visit(pod);
  });
}

}  // namespace fairlead::zones
