#include "zones/outside.h"

#include <set>
#include <string>
#include <utility>

#include "dns/name.h"

namespace fairlead::zones {

Ref<OutsideRecord> make_outside(const Service& object, const Ref<ServiceName>& id) {
  boost::intrusive_ptr<OutsideRecord> record(new OutsideRecord);
  record->id = id;
  std::set<std::string> seen;
  for (const dns::IpAddress& ip : object.outside_ips) {
    if (seen.emplace(ip.octets().begin(), ip.octets().end()).second)
      record->addresses.push_back(ip);
  }
  for (const std::string& text : object.outside_names) {
    const auto name = dns::Name::from_text(text);
    if (!name || name->size() == 1) continue;
    std::string wire(name->view().begin(), name->view().end());
    if (seen.insert(wire).second) record->names.push_back(std::move(wire));
  }
  if (record->addresses.empty() && record->names.empty()) return nullptr;
  return record;
}

}  // namespace fairlead::zones
