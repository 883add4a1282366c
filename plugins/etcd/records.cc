#include "plugins/etcd/records.h"

namespace fairlead::plugins::etcd {
namespace {

using dns::RrType;
using dns::Section;

constexpr size_t kMostString = 255;

dns::NameRef ref_of(const NameOf& name, dns::Answer& answer) {
  return name.host == nullptr ? name.ref : answer.add_name(name.host->host_view());
}

// CoreDNS takes 16 bits of whatever stands there.
uint16_t low_bits(int64_t number) {
  return static_cast<uint16_t>(static_cast<uint64_t>(number));
}

void write_mx(Section section, const Planned& record, dns::NameRef owner, dns::Answer& answer) {
  const uint16_t preference = low_bits(priority_of(*record.service));
  std::vector<uint8_t> rdata{static_cast<uint8_t>(preference >> 8U),
                             static_cast<uint8_t>(preference & 0xFFU)};
  const dns::NameRef target = ref_of(record.target, answer);
  const dns::NameView name = answer.name(target, {});
  rdata.insert(rdata.end(), name.begin(), name.end());
  answer.add_raw(section, owner, RrType::Mx, record.ttl, rdata);
}

void write_one(Section section, const Planned& record, dns::Answer& answer) {
  const Service& service = *record.service;
  const dns::NameRef owner = ref_of(record.owner, answer);
  switch (record.type) {
    case RrType::A:
    case RrType::Aaaa:
      return answer.add_address(section, owner, record.ttl, service.address);
    case RrType::Txt:
      return answer.add_raw(section, owner, RrType::Txt, record.ttl, txt_rdata(service.text));
    case RrType::Srv:
      return answer.add_srv(owner, record.ttl,
                            {.priority = low_bits(priority_of(service)),
                             .weight = record.weight,
                             .port = low_bits(service.port),
                             .target = ref_of(record.target, answer)});
    case RrType::Mx:
      return write_mx(section, record, owner, answer);
    default:
      return answer.add_name_record(record.type, section, owner, record.ttl,
                                    ref_of(record.target, answer));
  }
}

}  // namespace

void Records::add(Section section, const Planned& record) {
  full_ = full_ || answers_.size() + additionals_.size() >= kMost;
  if (!full_) list(section).push_back(record);
}

void Records::write(dns::Answer& answer) const {
  for (const Planned& record : answers_) write_one(Section::Answer, record, answer);
  for (const Planned& record : additionals_) write_one(Section::Additional, record, answer);
}

std::vector<uint8_t> txt_rdata(std::string_view text) {
  std::vector<uint8_t> rdata;
  const auto add = [&](std::string_view piece) {
    rdata.push_back(static_cast<uint8_t>(piece.size()));
    rdata.insert(rdata.end(), piece.begin(), piece.end());
  };
  while (text.size() >= kMostString) {
    add(text.substr(0, kMostString));
    text.remove_prefix(kMostString);
  }
  add(text);
  return rdata;
}

}  // namespace fairlead::plugins::etcd
