#include "plugins/dns64/synthesis.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "dns/reverse_name.h"
#include "plugins/subnets.h"

namespace fairlead::plugins::dns64 {
namespace {

using dns::RrType;
using dns::Section;

constexpr int kMappedBits = 96;
const corefile::Subnet kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}, kMappedBits};

// RFC 7050 §2.2.
constexpr std::array<std::array<uint8_t, 4>, 2> kWellKnown{{{192, 0, 0, 170}, {192, 0, 0, 171}}};

const dns::Name& ipv4only() {
  static const dns::Name kName = *dns::Name::from_text("ipv4only.arpa");
  return kName;
}

Options with_mapped(Options options) {
  options.exclude.push_back(kMapped);
  return options;
}

// As of a zone that is served locally (RFC 6303 §3).
void add_soa(dns::Answer& answer, Section section, const dns::Name& zone) {
  const dns::NameRef owner = answer.add_name(zone.view());
  const dns::NameRef nobody = answer.add_name(dns::Name::from_text("nobody.invalid")->view());
  answer.add_soa(section, owner, kTtl,
                 {.mname = owner,
                  .rname = nobody,
                  .serial = 1,
                  .refresh = 3600,
                  .retry = 1200,
                  .expire = 604800,
                  .minimum = kTtl});
}

}  // namespace

Synthesis::Synthesis(Options options) : options_(with_mapped(std::move(options))) {}

bool Synthesis::excludes(const dns::IpAddress& address) const {
  return std::ranges::any_of(
      options_.exclude, [&](const auto& subnet) { return contains(subnet, address.octets()); });
}

std::optional<dns::IpAddress> Synthesis::translate(const dns::IpAddress& v4) const {
  if (excludes(v4)) return std::nullopt;
  return options_.prefix.embed(v4);
}

bool Synthesis::drop_excluded(dns::Answer& answer) const {
  const auto is_native = [](const dns::Record& record) {
    return record.section == Section::Answer && record.type == RrType::Aaaa;
  };
  const auto is_excluded = [&](const dns::Answer& of, const dns::Record& record) {
    return is_native(record) && excludes(dns::IpAddress(of.rdata(record)));
  };
  const auto count = [&](const auto& what) {
    return std::ranges::count_if(answer.records(), what);
  };
  const auto native = count(is_native);
  const auto excluded = count([&](const auto& record) { return is_excluded(answer, record); });
  if (excluded == 0) return native != 0;
  const dns::Answer before = answer;
  answer.drop_records();
  for (const dns::Record& record : before.records()) {
    if (!is_excluded(before, record))
      answer.add_raw(record.section, record.owner, record.type, record.ttl, before.rdata(record));
  }
  return native != excluded;
}

std::optional<dns::Name> Synthesis::reverse_name(dns::NameView lower_qname) const {
  const auto address = dns::address_from_reverse_name(lower_qname);
  const auto v4 = address ? options_.prefix.extract(*address) : std::nullopt;
  return v4 ? std::optional(dns::reverse_name(*v4)) : std::nullopt;
}

bool Synthesis::answer_well_known(const dns::Query& question, dns::Answer& answer) const {
  const dns::NameView name = question.lower_qname.view();
  const dns::Name& zone = ipv4only();
  // Its DS records are its parent's, and say that it is not signed.
  if (!dns::is_at_or_below(name, zone.view()) || question.qtype == RrType::Ds) return false;
  answer.authoritative = true;
  if (name.size() != zone.size()) {
    answer.rcode = dns::Rcode::NxDomain;
  } else if (question.qtype == RrType::A || question.qtype == RrType::Aaaa) {
    for (const auto& octets : kWellKnown) {
      const dns::IpAddress v4(octets);
      answer.add_address(Section::Answer, dns::kQname, kTtl,
                         question.qtype == RrType::A ? v4 : options_.prefix.embed(v4));
    }
    return true;
  } else if (question.qtype == RrType::Soa) {
    add_soa(answer, Section::Answer, zone);
    return true;
  }
  add_soa(answer, Section::Authority, zone);
  return true;
}

}  // namespace fairlead::plugins::dns64
