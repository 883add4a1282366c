#include "records/cluster_copy.h"

#include <algorithm>

namespace fairlead::records {
namespace {

bool is_at_rules(const Zone& zone, dns::NameView name) {
  dns::Name rules(zone.origin());
  return rules.prepend(dns::kRulesLabel) && std::ranges::equal(rules.view(), name);
}

// One label in front of svc.ZONE.
bool is_at_namespace(const Zone& zone, dns::NameView name) {
  dns::Name services(zone.origin());
  return name[0] != 0 && services.prepend("svc") &&
         std::ranges::equal(name.subspan(name[0] + 1U), services.view());
}

}  // namespace

Cluster cluster_of(const Zone& zone, std::string& error) {
  Cluster cluster;
  const auto fail = [&](dns::NameView name, const char* how) -> Cluster {
    error = "has a private record at " + dns::to_text(name) + how;
    return std::nullopt;
  };
  for (const Zone::Node& node : zone.nodes()) {
    const dns::NameView name = zone.name(node);
    for (const ZoneRecord record : zone.records(node)) {
      if (!dns::is_of_compact_form(record.type)) continue;
      const bool rules = record.type == dns::kClusterRules;
      if (!(rules ? is_at_rules(zone, name) : is_at_namespace(zone, name)))
        return fail(name, ", where none belongs");
      if (rules && cluster) return fail(name, " twice");
      if (rules) cluster = dns::read_rules(record.rdata);
      if (rules ? !cluster : !std::ranges::equal(record.rdata, dns::kMark))
        return fail(name, " that cannot be read");
    }
  }
  if (!cluster) error = "does not say how it is answered";
  return cluster;
}

}  // namespace fairlead::records
