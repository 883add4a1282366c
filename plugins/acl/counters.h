// What acl has decided, by worker and zone.
#pragma once

#include "metrics/counter_table.h"
#include "net/counter.h"
#include "plugins/acl/setup.h"

namespace fairlead::plugins::acl {

/// One worker's counters of one (server, zone of a rule, view). Only that worker's thread counts;
/// any thread reads.
struct alignas(64) AclCounters {
  net::Counter allowed;  // whatever the zone: by no rule, too
  net::Counter blocked;
  net::Counter filtered;
  net::Counter dropped;

  void count(Action action) {
    switch (action) {
      case Action::Allow:
        return allowed.add();
      case Action::Block:
        return blocked.add();
      case Action::Filter:
        return filtered.add();
      case Action::Drop:
        return dropped.add();
    }
  }
};

/// coredns_acl_blocked_requests_total and its like.
void collect_counters(const metrics::CounterTableOf<AclCounters>::Slots& slots,
                      metrics::FamilySet& families);

}  // namespace fairlead::plugins::acl
