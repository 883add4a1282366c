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

// _zone and two more labels in front of svc.ZONE.
bool is_at_zones(const Zone& zone, dns::NameView name) {
  dns::Name services(zone.origin());
  if (!services.prepend("svc") || !dns::is_at_or_below(name, services.view())) return false;
  const std::string_view label(reinterpret_cast<const char*>(name.data()) + 1, name[0]);
  return label == dns::kZonesLabel &&
         dns::label_count(name) == dns::label_count(services.view()) + 3;
}

// What is wrong with a record of the form, empty for nothing. Rules become `cluster`.
std::string wrong_with(const Zone& zone, dns::NameView name, const ZoneRecord& record,
                       Cluster& cluster) {
  const char* const elsewhere = ", where none belongs";
  const char* const unreadable = " that cannot be read";
  if (record.type == dns::kNamespaceMark || record.type == dns::kZonesMark) {
    const bool of_zones = record.type == dns::kZonesMark;
    if (of_zones ? !is_at_zones(zone, name) : !is_at_namespace(zone, name)) return elsewhere;
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
      if (!dns::is_private(record.type)) continue;
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
