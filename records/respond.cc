#include "records/respond.h"

#include <algorithm>
#include <optional>

#include "dns/numbers.h"
#include "dns/render.h"

namespace fairlead::records {
namespace {

using dns::Answer;
using dns::Name;
using dns::NameRef;
using dns::NameView;
using dns::Rcode;
using dns::RrType;
using dns::Section;
using Node = Zone::Node;

constexpr Rcode kYxDomain{6};  // RFC 6672 §2.2
constexpr size_t kMostAdditional = 200;

std::optional<ZoneRecord> first_of(const Zone& zone, const Node& node, RrType type) {
  for (const ZoneRecord record : zone.records(node))
    if (record.type == type) return record;
  return std::nullopt;
}

uint32_t minimum_of(const ZoneRecord& soa) {
  return dns::soa_minimum(soa.rdata);
}

// The type that a signature is of.
RrType covered_by(const ZoneRecord& signature) {
  return static_cast<RrType>(signature.rdata[0] << 8 | signature.rdata[1]);
}

// The name in rdata that addresses are added for; empty for other types.
NameView target_of(const ZoneRecord& record) {
  switch (record.type) {
    case RrType::Ns:
      return record.rdata;
    case RrType::Mx:
      return record.rdata.subspan(2);
    case RrType::Srv:
      return record.rdata.subspan(6);
    case RrType::Svcb:
    case RrType::Https: {
      const auto from = record.rdata.subspan(2);
      size_t at = 0;
      while (from[at] != 0) at += from[at] + 1U;
      return from.first(at + 1);
    }
    default:
      return {};
  }
}

class Reply {
 public:
  Reply(const Zone& zone, const dns::Query& query, Answer& out)
      : zone_(zone), query_(query), out_(out), dnssec_(query.edns.dnssec_ok) {}

  Response run(std::span<const Name> fall_through) {
    name_ = query_.lower_qname;
    const bool as_asked = std::ranges::equal(query_.qname, name_.view());
    owner_ = as_asked ? dns::kQname : out_.add_name(name_.view());
    out_.authoritative = true;
    Response said = asked_name(fall_through);
    for (int aliases = 1; said.outcome == Outcome::Chase; ++aliases) {
      if (aliases > kMostAliases) return {Outcome::Failed, {}};
      const Node* const target = here();
      if (target == nullptr) return said;
      said = existing(*target, false);
    }
    return said;
  }

  void name_servers() { rrset(zone_.apex(), RrType::Ns, Section::Authority, apex()); }

 private:
  // Chase: name_ and owner_ are what is to be looked at next.
  Response asked_name(std::span<const Name> fall_through) {
    const Place place = locate(zone_, name_.view(), query_.qtype == RrType::Ds);
    if (place.dname != nullptr) return redirected(*place.dname);
    if (place.cut != nullptr) return referral(*place.cut);
    if (place.exact && has_data(*place.closest)) return existing(*place.closest, false);
    const Node* const wildcard = place.exact ? nullptr : wildcard_below(zone_, *place.closest);
    if (wildcard != nullptr) return existing(*wildcard, true);
    return missing(place, fall_through);
  }

  // An alias's target when the zone has records of it. All else the server is asked for: another
  // zone or directive may have it.
  [[nodiscard]] const Node* here() const {
    if (!dns::is_at_or_below(name_.view(), zone_.origin())) return nullptr;
    const Place place = locate(zone_, name_.view(), query_.qtype == RrType::Ds);
    const bool whole = place.exact && place.cut == nullptr;
    return whole && !zone_.records(*place.closest).empty() ? place.closest : nullptr;
  }

  // Of an apex with nothing but SOA and NS, and their signatures, these are all the data: what
  // else is asked of it `fallthrough` may pass on, as of a name without any.
  [[nodiscard]] bool has_data(const Node& node) const {
    const auto is_of_apex = [](const ZoneRecord& record) {
      const RrType type = record.type == RrType::Rrsig ? covered_by(record) : record.type;
      return type == RrType::Soa || type == RrType::Ns;
    };
    const RrType type = query_.qtype;
    if (type == RrType::Soa || type == RrType::Ns || type == RrType::Any || !is_apex(node))
      return !zone_.records(node).empty();
    const RecordsOfName records = zone_.records(node);
    return !std::all_of(records.begin(), records.end(), is_of_apex);
  }
  [[nodiscard]] bool is_apex(const Node& node) const { return &node == &zone_.apex(); }

  // The name has records, or a wildcard that has some stands for it.
  Response existing(const Node& node, bool wildcard) {
    const RrType type = query_.qtype;
    const bool of_zone = is_apex(node) && (type == RrType::Soa || type == RrType::Ns);
    const bool of_alias = type == RrType::Cname || type == RrType::Any || type == RrType::Nsec ||
                          type == RrType::Rrsig || of_zone;
    if (node.has_cname && !of_alias) return alias(node, wildcard);
    const RrType said = type == RrType::Any ? any_type(node) : type;
    if (!rrset(node, said, Section::Answer, owner_)) {
      nodata(node, wildcard);
      return {};
    }
    const bool apex_servers = said == RrType::Ns && is_apex(node);
    if (!apex_servers && type != RrType::Any) name_servers();
    if (wildcard) no_closer_name();
    additional(node, said, zone_.origin());
    return {};
  }

  // One RRset stands for all of them (RFC 8482 §4.1).
  [[nodiscard]] RrType any_type(const Node& node) const {
    for (const ZoneRecord record : zone_.records(node))
      if (record.type != RrType::Rrsig && record.type != RrType::Nsec) return record.type;
    return RrType::Any;
  }

  Response alias(const Node& node, bool wildcard) {
    const auto cname = first_of(zone_, node, RrType::Cname);
    out_.add_raw(Section::Answer, owner_, RrType::Cname, cname->ttl, cname->rdata);
    signatures(node, RrType::Cname, Section::Answer, owner_, std::nullopt);
    if (wildcard) no_closer_name();
    return follow(cname->rdata);
  }

  // RFC 6672 §3.1
  Response redirected(const Node& node) {
    const auto dname = first_of(zone_, node, RrType::Dname);
    const NameRef owner = owner_of(node);
    out_.add_raw(Section::Answer, owner, RrType::Dname, dname->ttl, dname->rdata);
    signatures(node, RrType::Dname, Section::Answer, owner, std::nullopt);
    const Name below = Name(dname->rdata).lowered();
    if (dns::is_at_or_below(below.view(), zone_.name(node))) return {Outcome::Failed, {}};
    const NameView front = name_.view().first(name_.size() - node.name_size);
    const auto target = dns::joined(front, dname->rdata);
    if (!target) {
      out_.rcode = kYxDomain;
      return {};
    }
    out_.add_raw(Section::Answer, owner_, RrType::Cname, dname->ttl, target->view());
    if (query_.qtype == RrType::Cname) {
      name_servers();
      return {};
    }
    return follow(target->view());
  }

  Response follow(NameView target) {
    owner_ = out_.add_name(target);
    name_ = Name(target).lowered();
    return {Outcome::Chase, owner_};
  }

  // RFC 1034 §4.3.2 3b
  Response referral(const Node& cut) {
    out_.authoritative = false;
    const NameRef owner = owner_of(cut);
    rrset(cut, RrType::Ns, Section::Authority, owner, false);
    if (dnssec_ && !rrset(cut, RrType::Ds, Section::Authority, owner))
      rrset(cut, RrType::Nsec, Section::Authority, owner);  // RFC 4035 §3.1.4.1
    additional(cut, RrType::Ns, zone_.name(cut));
    return {};
  }

  Response missing(const Place& place, std::span<const Name> fall_through) {
    if (dns::is_at_or_below_any(name_.view(), fall_through)) {
      out_.clear();
      return {Outcome::PassOn, {}};
    }
    if (place.exact) {
      nodata(*place.closest, false);
      return {};
    }
    out_.rcode = Rcode::NxDomain;
    soa();
    if (!dnssec_) return {};
    const Node* const covering = zone_.nsec_before(name_.view());
    if (covering == nullptr) return {};
    nsec(*covering);
    // Nor is there a wildcard (RFC 4035 §3.1.3.2).
    Name star(zone_.name(*place.closest));
    if (!star.prepend("*")) return {};
    const Node* const denying = zone_.nsec_before(star.view());
    if (denying != nullptr && denying != covering) nsec(*denying);
    return {};
  }

  void nodata(const Node& node, bool wildcard) {
    soa();
    if (!dnssec_) return;
    const bool empty = zone_.records(node).empty();
    const Node* const denying = empty ? zone_.nsec_before(zone_.name(node)) : &node;
    if (denying != nullptr) nsec(*denying);
    if (wildcard) no_closer_name();
  }

  // That the name itself does not exist (RFC 4035 §3.1.3.3–4).
  void no_closer_name() {
    if (!dnssec_) return;
    if (const Node* const covering = zone_.nsec_before(name_.view())) nsec(*covering);
    out_.drop_repeats();
  }

  void nsec(const Node& node) { rrset(node, RrType::Nsec, Section::Authority, owner_of(node)); }

  // For as long as a denial may be kept (RFC 2308 §3).
  void soa() {
    const auto soa = first_of(zone_, zone_.apex(), RrType::Soa);
    const uint32_t ttl = std::min(soa->ttl, minimum_of(*soa));
    out_.add_raw(Section::Authority, apex(), RrType::Soa, ttl, soa->rdata);
    signatures(zone_.apex(), RrType::Soa, Section::Authority, apex(), ttl);
  }

  // Addresses in the zone of the names in what was said, of those at or below `within`.
  void additional(const Node& node, RrType type, NameView within) {
    size_t targets = 0;
    const size_t before = out_.records().size();
    for (const ZoneRecord record : zone_.records(node)) {
      const NameView target = target_of(record);
      if (record.type != type || target.empty()) continue;
      const Name name = Name(target).lowered();
      if (!dns::is_at_or_below(name.view(), within)) continue;
      const Node* const found = zone_.find(name.view());
      if (found == nullptr) continue;
      if (out_.records().size() - before > kMostAdditional) break;
      const NameRef owner = owner_of(*found);
      rrset(*found, RrType::A, Section::Additional, owner);
      rrset(*found, RrType::Aaaa, Section::Additional, owner);
      ++targets;
    }
    // The targets of an NS RRset differ, as its records do; of others they may not.
    if (targets > 1 && type != RrType::Ns) out_.drop_repeats();
  }

  // False when there is none. More than a reply can hold is not taken.
  bool rrset(const Node& node, RrType type, Section section, NameRef owner, bool sign = true) {
    size_t octets = 0;
    bool any = false;
    for (const ZoneRecord record : zone_.records(node)) {
      if (record.type != type) continue;
      any = true;
      out_.add_raw(section, owner, type, record.ttl, record.rdata);
      octets += record.rdata.size() + 12;
      if (octets > dns::kMaxTcpReply || type == RrType::Cname) break;  // RFC 2181 §10.1
    }
    if (any && sign) signatures(node, type, section, owner, std::nullopt);
    return any;
  }

  void signatures(const Node& node, RrType type, Section section, NameRef owner,
                  std::optional<uint32_t> ttl) {
    if (!dnssec_) return;
    for (const ZoneRecord record : zone_.records(node)) {
      if (record.type == RrType::Rrsig && covered_by(record) == type)
        out_.add_raw(section, owner, RrType::Rrsig, ttl.value_or(record.ttl), record.rdata);
    }
  }

  NameRef apex() {
    if (!apex_) apex_ = out_.add_name(zone_.origin());
    return *apex_;
  }
  NameRef owner_of(const Node& node) {
    return is_apex(node) ? apex() : out_.add_name(zone_.name(node));
  }

  const Zone& zone_;
  const dns::Query& query_;
  Answer& out_;
  const bool dnssec_;
  Name name_;      // that is looked at, lower-cased
  NameRef owner_;  // the same in the answer
  std::optional<NameRef> apex_;
};

}  // namespace

Response respond(const Zone& zone, const dns::Query& query, std::span<const Name> fall_through,
                 Answer& answer) {
  return Reply(zone, query, answer).run(fall_through);
}

void add_name_servers(const Zone& zone, const dns::Query& query, Answer& answer) {
  Reply(zone, query, answer).name_servers();
}

}  // namespace fairlead::records
