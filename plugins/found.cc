#include "plugins/found.h"

#include "dns/edns_option.h"

namespace fairlead::plugins {

void begin_as_found(query::Walk& walk) {
  const dns::Answer& found = *walk.found();
  dns::Answer& answer = walk.answer();
  answer.clear();
  if (found.rcode == dns::Rcode::NoError || found.rcode == dns::Rcode::NxDomain)
    walk.forget_failure();
  answer.rcode = found.rcode;
  answer.authoritative = found.authoritative;
  answer.recursion_available = found.recursion_available;
  answer.authentic_data = found.authentic_data;
  answer.truncated = found.truncated;
  answer.record_class = found.record_class;
  answer.recursion_desired = found.recursion_desired;
  dns::OptionReader options(found.options());
  while (const auto option = options.next()) answer.add_option(option->code, option->data);
}

uint32_t denial_ttl(const dns::Answer& answer, uint32_t otherwise) {
  for (const dns::Record& record : answer.records()) {
    if (record.section == dns::Section::Authority && record.type == dns::RrType::Soa)
      return record.ttl;
  }
  return otherwise;
}

bool is_signature_of(dns::RrType type, const dns::Answer& answer, const dns::Record& record) {
  if (record.section != dns::Section::Answer || record.type != dns::RrType::Rrsig) return false;
  const auto rdata = answer.rdata(record);
  return rdata.size() >= 2 && rdata[0] * 256 + rdata[1] == static_cast<int>(type);
}

}  // namespace fairlead::plugins
