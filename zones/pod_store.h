// The pods of a store: what each has added to the tables, to be taken out again. There may be as
// many as addresses in the cluster, so that they are kept as tightly as the tables themselves.
#pragma once

#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <vector>

#include "zones/digest.h"
#include "zones/objects.h"
#include "zones/pod_details.h"
#include "zones/pod_record.h"
#include "zones/records.h"
#include "zones/seen_table.h"
#include "zones/snapshot.h"
#include "zones/snapshot_writer.h"
#include "zones/store.h"

namespace fairlead::zones {

/// Used by the store's thread only.
class PodStore {
 public:
  /// `writer` must outlive it.
  explicit PodStore(SnapshotWriter& writer) : writer_(writer) {}

  /// `relist`: the number of the list that it is seen in.
  Change put(const Pod& object, const Digest& key, uint32_t relist);
  /// False when there is none.
  bool erase(const Digest& key);
  /// Erases all that were seen in another list; how many.
  size_t erase_unseen(uint32_t relist);
  [[nodiscard]] size_t size() const { return seen_.size(); }

 private:
  /// What few pods have.
  struct More : boost::intrusive_ref_counter<More> {
    std::vector<PodRecord> others;  // of a dual-stack pod
    Ref<PodDetails> details;        // null where nobody asks for them
  };
  struct Added {
    PodRecord first;  // without a namespace: the pod has no address
    Ref<More> more;   // null: neither
  };

  [[nodiscard]] Added add(const Pod& object, const Ref<PodDetails>& details);
  bool change(Added& added, const Pod& object);
  void undo(const Added& added);

  SnapshotWriter& writer_;
  SeenTable<Added> seen_;
};

}  // namespace fairlead::zones
