// The shed directive while its block is served: a metric.
#include <string>

#include "corefile/corefile.h"
#include "metrics/family_set.h"
#include "metrics/metrics.h"
#include "plugins/building.h"
#include "plugins/plan.h"
#include "plugins/shed/setup.h"

namespace fairlead::plugins::shed {
namespace {

// What an address loses is lost by all blocks that are served there: once, whoever asks.
void collect(const metrics::Metrics& metrics, const std::string& address, const std::string& server,
             metrics::FamilySet& families) {
  const auto totals = metrics.sockets();
  const auto found = totals.drops.find(address);
  const auto drops = found == totals.drops.end() ? metrics::SocketTotals::Drops{} : found->second;
  auto& family = families.counter({"coredns_shed_dropped_total",
                                   "Counter of queries and responses dropped, per server, by "
                                   "reason.",
                                   {"server", "reason"}});
  family.set({server, "query"}, static_cast<double>(drops.queries));
  family.set({server, "response"}, static_cast<double>(drops.replies));
}

void make(const corefile::Token& at, Building& building) {
  const metrics::Metrics& metrics = building.site().metrics;
  for (const ServedKey& served : building.plan().keys) {
    if (served.key.transport != "dns") {
      throw corefile::parse_error(at,
                                  "only plain DNS server blocks are supported; \"" +
                                      served.key.to_string() + "\" uses transport \"" +
                                      served.key.transport + "\"",
                                  "shed");
    }
    for (const net::ListenAddress& address : served.addresses) {
      building.collect([&metrics, address = address.to_text(),
                        server = served.server_label(address)](metrics::FamilySet& families) {
        collect(metrics, address, server, families);
      });
    }
  }
  building.handles_queries();
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  parse(cursor);
  plan.make([at = cursor.token()](Building& building) { make(at, building); });
}

}  // namespace fairlead::plugins::shed
