#include "zones/ports.h"

#include "dns/name.h"
#include "zones/hash.h"

namespace fairlead::zones {

PortRecords::PortRecords(std::span<const Port> ports) {
  if (ports.empty()) return;
  boost::intrusive_ptr<List> list(new List);
  list->ports.reserve(ports.size());
  for (const Port& port : ports)
    list->ports.emplace_back(dns::lowered(port.name), dns::lowered(port.protocol), port.number);
  list_ = std::move(list);
}

PortRecords PortLists::of(std::span<const Port> ports) {
  PortRecords made(ports);
  uint64_t hash = 0;
  for (const PortRecord& port : made)
    hash = hash_namespace(port.name(), hash_namespace(port.protocol(), hash + port.number));
  PortRecords& place = lately_[hash % lately_.size()];
  if (place != made) place = std::move(made);
  return place;
}

size_t matching_ports(const PortRecords& ports, const PortFilter& filter) {
  if (ports.empty()) return filter.any() ? 1 : 0;
  if (filter.any()) return ports.size();
  return static_cast<size_t>(
      std::ranges::count_if(ports, [&](const PortRecord& port) { return filter.matches(port); }));
}

}  // namespace fairlead::zones
