#include "plugins/acl/counters.h"

namespace fairlead::plugins::acl {
namespace {

struct Families {
  explicit Families(metrics::FamilySet& set)
      : blocked(set.counter({"coredns_acl_blocked_requests_total",
                             "Counter of DNS requests being blocked.",
                             {"server", "zone", "view"}})),
        filtered(set.counter({"coredns_acl_filtered_requests_total",
                              "Counter of DNS requests being filtered.",
                              {"server", "zone", "view"}})),
        dropped(set.counter({"coredns_acl_dropped_requests_total",
                             "Counter of DNS requests being dropped.",
                             {"server", "zone", "view"}})),
        allowed(set.counter({"coredns_acl_allowed_requests_total",
                             "Counter of DNS requests being allowed.",
                             {"server", "view"}})) {}

  void add(const metrics::BlockLabels& of, const AclCounters& counters) {
    const metrics::LabelValues labels = {of.server, of.zone, of.view};
    add_seen(blocked, labels, counters.blocked.value());
    add_seen(filtered, labels, counters.filtered.value());
    add_seen(dropped, labels, counters.dropped.value());
    add_seen(allowed, {of.server, of.view}, counters.allowed.value());
  }

  metrics::ScalarFamily &blocked, &filtered, &dropped, &allowed;
};

}  // namespace

void collect_counters(const metrics::CounterTableOf<AclCounters>::Slots& slots,
                      metrics::FamilySet& families) {
  Families all(families);
  for (const auto& [labels, workers] : slots) {
    for (const AclCounters& counters : *workers) all.add(labels, counters);
  }
}

}  // namespace fairlead::plugins::acl
