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
#include "zones/shared_table.h"
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
  struct Seen {
    uint64_t key = 0;  // the half of the digest that the table's hash is not made of
    PodRecord first;   // without a namespace: the pod has no address
    Ref<More> more;    // null: neither
    uint32_t relist = 0;
  };
  /// The table has these, so that 96 bits of the digest tell pods apart.
  struct Key {
    uint32_t hash = 0;
    uint64_t rest = 0;
    bool operator()(const Seen& seen) const { return seen.key == rest; }
  };

  static Key key_of(const Digest& digest) {
    return {static_cast<uint32_t>(digest.low), digest.high};
  }
  [[nodiscard]] Seen add(const Pod& object, const Ref<PodDetails>& details);
  bool change(Seen& seen, const Pod& object);
  void undo(const Seen& seen);
  bool erase(const Key& key);

  SnapshotWriter& writer_;
  SharedTable<Seen> seen_;
};

}  // namespace fairlead::zones
