#include "plugins/local/answer.h"

#include <array>

#include "dns/address.h"

namespace fairlead::plugins::local {
namespace {

using dns::RrType;
using dns::Section;

constexpr uint32_t kTtl = 604800;

const dns::Name kLocalhost = *dns::Name::from_text("localhost.");
const std::array kReverseZones = {*dns::Name::from_text("0.in-addr.arpa."),
                                  *dns::Name::from_text("127.in-addr.arpa."),
                                  *dns::Name::from_text("255.in-addr.arpa.")};
const dns::Name kLoopback = *dns::Name::from_text("1.0.0.127.in-addr.arpa.");

const dns::Name* reverse_zone_of(dns::NameView name) {
  for (const dns::Name& zone : kReverseZones)
    if (dns::is_at_or_below(name, zone.view())) return &zone;
  return nullptr;
}

void add_soa(Section section, dns::NameRef owner, dns::Answer& out) {
  out.add_soa(section, owner, kTtl,
              {.mname = out.add_name(kLocalhost.view()),
               .rname = out.add_name("root", kLocalhost.view()),
               .serial = 1,
               .minimum = kTtl});
}

bool add_address(RrType type, dns::Answer& out) {
  if (type == RrType::A)
    out.add_address(Section::Answer, dns::kQname, kTtl,
                    dns::IpAddress(std::array<uint8_t, 4>{127, 0, 0, 1}));
  if (type == RrType::Aaaa)
    out.add_address(Section::Answer, dns::kQname, kTtl,
                    dns::IpAddress(std::array<uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0,  //
                                                           0, 0, 0, 0, 0, 0, 0, 1}));
  return type == RrType::A || type == RrType::Aaaa;
}

bool add_name(RrType type, dns::Answer& out) {
  const dns::NameRef localhost = out.add_name(kLocalhost.view());
  out.add_name_record(type, Section::Answer, dns::kQname, kTtl, localhost);
  return true;
}

bool add_apex(RrType type, dns::Answer& out) {
  if (type == RrType::Ns) return add_name(type, out);
  if (type == RrType::Soa) add_soa(Section::Answer, dns::kQname, out);
  return type == RrType::Soa;
}

void answer_reverse(const dns::Query& query, dns::Answer& out) {
  const dns::NameView name = query.lower_qname.view();
  const dns::NameView zone = reverse_zone_of(name)->view();
  const bool is_apex = name.size() == zone.size();
  const bool is_loopback = query.lower_qname == kLoopback;
  if (is_apex && add_apex(query.qtype, out)) return;
  if (is_loopback && query.qtype == RrType::Ptr && add_name(RrType::Ptr, out)) return;
  if (!is_apex && !is_loopback) out.rcode = dns::Rcode::NxDomain;
  // The zone's name in the letters of the question, which end with it.
  add_soa(Section::Authority, out.add_name(query.qname.last(zone.size())), out);
}

}  // namespace

Kind kind_of(const dns::Query& query, bool prefix) {
  const dns::NameView name = query.lower_qname.view();
  if (query.lower_qname == kLocalhost) return Kind::Zone;
  if (query.label_count == 0) return Kind::NotMine;
  const bool below = query.label(query.label_count - 1U) == "localhost";
  if (below || (prefix && query.label(0) == "localhost")) return Kind::Localhost;
  return reverse_zone_of(name) != nullptr ? Kind::Zone : Kind::NotMine;
}

void answer(const dns::Query& query, Kind kind, dns::Answer& out) {
  const bool is_localhost = query.lower_qname == kLocalhost;
  if (kind == Kind::Zone && !is_localhost) return answer_reverse(query, out);
  if (add_address(query.qtype, out)) return;
  if (is_localhost && add_apex(query.qtype, out)) return;
  add_soa(Section::Authority, dns::kQname, out);
}

}  // namespace fairlead::plugins::local
