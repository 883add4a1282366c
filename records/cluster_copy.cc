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

// What is wrong with a record of the form, empty for nothing. Rules become `cluster`.
std::string wrong_with(const Zone& zone, dns::NameView name, const ZoneRecord& record,
                       Cluster& cluster) {
  const char* const elsewhere = ", where none belongs";
  const char* const unreadable = " that cannot be read";
  if (record.type == dns::kNamespaceMark) {
    if (!is_at_namespace(zone, name)) return elsewhere;
    return std::ranges::equal(record.rdata, dns::kMark) ? "" : unreadable;
  }
  if (!is_at_rules(zone, name)) return elsewhere;
  if (cluster) return " twice";
  cluster = dns::read_rules(record.rdata);
  return cluster ? "" : unreadable;
}

}  // namespace

Cluster cluster_of(const Zone& zone, std::string& error) {
  Cluster cluster;
  for (const Zone::Node& node : zone.nodes()) {
    for (const ZoneRecord record : zone.records(node)) {
      if (!dns::is_of_compact_form(record.type)) continue;
      const std::string wrong = wrong_with(zone, zone.name(node), record, cluster);
      if (wrong.empty()) continue;
      error = "has a private record at " + dns::to_text(zone.name(node)) + wrong;
      return std::nullopt;
    }
  }
  if (!cluster) error = "does not say how it is answered";
  return cluster;
}

}  // namespace fairlead::records
