#include "plugins/dnssec/signer.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "dns/reader.h"
#include "dns/render.h"
#include "net/unix_time.h"
#include "plugins/dnssec/denial.h"

namespace fairlead::plugins::dnssec {
namespace {

using dns::Answer;
using dns::Name;
using dns::NameView;
using dns::Rcode;
using dns::Record;
using dns::RrType;
using dns::Section;

// CoreDNS's times.
constexpr uint32_t kBefore = 3 * 3600;
constexpr uint32_t kHolds = 8 * 86'400;
constexpr uint32_t kRenewed =
    2 * 86'400;  // so long before a signature ends another takes its place
constexpr int kMostAliases = 32;

bool has(const Answer& answer, Section section, RrType type) {
  return std::ranges::any_of(answer.records(), [=](const Record& record) {
    return record.section == section && record.type == type;
  });
}

// Of what stands at the end of the aliases.
bool has_data(const dns::Query& question, const Answer& answer, const Name& end) {
  return std::ranges::any_of(answer.records(), [&](const Record& record) {
    const bool asked = record.type == question.qtype || question.qtype == RrType::Any;
    return record.section == Section::Answer && asked &&
           dns::equal_ignoring_case(answer.name(record.owner, question.qname), end.view());
  });
}

bool is_denial(const dns::Query& question, const Answer& answer, const Name& end) {
  return (answer.rcode == Rcode::NoError || answer.rcode == Rcode::NxDomain) &&
         has(answer, Section::Authority, RrType::Soa) &&
         !has(answer, Section::Authority, RrType::Nsec) &&
         !has(answer, Section::Authority, RrType::Nsec3) && !has_data(question, answer, end);
}

Keys keys_of(const dns::Name& zone, const Keys& all) {
  Keys own;
  std::ranges::copy_if(all, std::back_inserter(own), [&](const auto& key) {
    return dns::is_at_or_below(zone.view(), key->owner().view());
  });
  return own.empty() ? all : own;
}

// With keys of both kinds each signs its own: entry points the keys, the others the records.
SignedZone make_zone(const dns::Name& name, const Keys& all) {
  SignedZone zone{name, {}, {}, keys_of(name, all)};
  for (const auto& key : zone.all)
    (key->is_entry_point() ? zone.for_keys : zone.for_records).push_back(key);
  if (zone.for_keys.empty() || zone.for_records.empty())
    zone.for_keys = zone.for_records = zone.all;
  return zone;
}

std::vector<SignedZone> make_zones(const Options& options) {
  std::vector<SignedZone> zones;
  for (const dns::Name& name : options.zones) zones.push_back(make_zone(name, options.keys));
  std::ranges::stable_sort(zones, [](const SignedZone& a, const SignedZone& b) {
    return dns::label_count(a.name.view()) > dns::label_count(b.name.view());
  });
  return zones;
}

}  // namespace

// One reply on its way to be a signed one.
class Signing {
 public:
  Signing(const Signer& signer, const Reply& reply, Workbench& bench, Counters* counters)
      : signer_(signer),
        question_(reply.question),
        answer_(reply.answer),
        delegated_(reply.delegated),
        now_(net::unix_seconds(reply.now)),
        bench_(bench),
        counters_(counters) {}

  void run() {
    const Name end = end_of_aliases(question_, answer_);
    const SignedZone* const zone = signer_.zone_of(end.view());
    if (zone != nullptr && is_denial(question_, answer_, end)) {
      deny(*zone, end);
    } else if (zone != nullptr && !has_data(question_, answer_, end)) {
      refer(*zone, end);
    }
    find_rrsets();
    for (const Workbench::First& first : bench_.firsts) sign_rrset(first);
  }

 private:
  [[nodiscard]] NameView owner(const Record& record) const {
    return answer_.name(record.owner, question_.qname);
  }
  [[nodiscard]] const Record* authority(RrType type) const {
    for (const Record& record : answer_.records()) {
      if (record.section == Section::Authority && record.type == type) return &record;
    }
    return nullptr;
  }

  // That a name does not exist is said by a type that it would not have (RFC 9824 §3.1).
  void deny(const SignedZone& zone, const Name& end) {
    Denied denied = Denied::Type;
    if (end == zone.name) {
      denied = Denied::ApexType;
    } else if (answer_.rcode == Rcode::NxDomain) {
      denied = Denied::Name;
    } else if (delegated_) {
      denied = Denied::Delegation;
    }
    const uint32_t ttl = authority(RrType::Soa)->ttl;
    const bool asked = question_.qtype == RrType::Nsec;
    if (!add_nsec(end, denied, ttl, asked ? Section::Answer : Section::Authority)) return;
    answer_.rcode = Rcode::NoError;
    if (asked) answer_.keep_only(Section::Answer);
  }

  // That nobody may sign for those it is delegated to (RFC 4035 §3.1.4.1).
  void refer(const SignedZone& zone, const Name& end) {
    const Record* const servers = authority(RrType::Ns);
    if (servers == nullptr || answer_.rcode != Rcode::NoError) return;
    const Name name = Name(owner(*servers)).lowered();
    if (name == zone.name || !dns::is_at_or_below(name.view(), zone.name.view()) ||
        !dns::is_at_or_below(end.view(), name.view()))
      return;
    cut_ = name;
    const bool proven = authority(RrType::Ds) != nullptr || authority(RrType::Nsec) != nullptr ||
                        authority(RrType::Nsec3) != nullptr;
    if (!proven) add_nsec(name, Denied::Delegation, servers->ttl, Section::Authority);
  }

  bool add_nsec(const Name& name, Denied denied, uint32_t ttl, Section section) {
    bench_.octets.clear();
    if (!append_nsec(name.view(), denied, question_.qtype, bench_.octets)) return false;
    const bool asked = std::ranges::equal(name.view(), question_.qname);
    const dns::NameRef owner = asked ? dns::kQname : answer_.add_name(name.view());
    answer_.add_raw(section, owner, RrType::Nsec, ttl, bench_.octets);
    return true;
  }

  [[nodiscard]] uint64_t hash(const Record& record, RrType type) {
    const Name name = Name(owner(record)).lowered();
    std::vector<uint8_t>& octets = bench_.octets;
    octets.assign(name.view().begin(), name.view().end());
    const auto number = static_cast<uint16_t>(type);
    octets.insert(octets.end(), {static_cast<uint8_t>(record.section),
                                 static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)});
    return dns::siphash(signer_.cache_->key(), octets);
  }

  // By hash, so that large answers cost what they must.
  void find_rrsets() {
    bench_.places.clear();
    bench_.firsts.clear();
    bench_.has_signature.clear();
    const auto records = answer_.records();
    for (uint32_t i = 0; i < records.size(); ++i) {
      const Record& record = records[i];
      octets_ += dns::kRecordHead + record.rdata_size;
      if (record.type != RrType::Rrsig) {
        bench_.places.push_back({hash(record, record.type), i});
      } else if (record.rdata_size > 2) {
        const auto rdata = answer_.rdata(record);
        const RrType covered{static_cast<uint16_t>(rdata[0] << 8 | rdata[1])};
        bench_.has_signature.push_back(hash(record, covered));
      }
    }
    std::ranges::sort(bench_.places, [](const auto& a, const auto& b) {
      return std::pair(a.hash, a.index) < std::pair(b.hash, b.index);
    });
    for (size_t i = 0; i < bench_.places.size(); ++i) {
      if (i == 0 || bench_.places[i].hash != bench_.places[i - 1].hash)
        bench_.firsts.push_back({bench_.places[i].index, i});
    }
    std::ranges::sort(bench_.firsts, {}, &Workbench::First::index);
    std::ranges::sort(bench_.has_signature);
  }

  // Null: the records are not the zone's to sign, or have signatures.
  [[nodiscard]] const SignedZone* signing_zone(const Record& record, uint64_t hash) const {
    const Name name = Name(owner(record)).lowered();
    const bool beyond_cut = cut_ && dns::is_at_or_below(name.view(), cut_->view()) &&
                            record.type != RrType::Ds && record.type != RrType::Nsec;
    if (beyond_cut || std::ranges::binary_search(bench_.has_signature, hash)) return nullptr;
    return signer_.zone_of(name.view());
  }

  // What helps only is not signed once there is no room for it: then it may come alone.
  void sign_rrset(const Workbench::First& first) {
    const uint64_t hash = bench_.places[first.place].hash;
    const Record record = answer_.records()[first.index];
    const bool no_room = octets_ > dns::reply_limit(question_);
    if (record.section == Section::Additional && no_room) return;
    const SignedZone* const zone = signing_zone(record, hash);
    if (zone == nullptr) return;
    const auto begin = bench_.places.begin() + static_cast<std::ptrdiff_t>(first.place);
    const auto end = std::find_if(begin, bench_.places.end(),
                                  [&](const auto& place) { return place.hash != hash; });
    uint32_t ttl = record.ttl;
    bench_.rrset.begin(owner(record), record.type);
    for (auto place = begin; place != end; ++place) {
      const Record& one = answer_.records()[place->index];
      ttl = std::min(ttl, one.ttl);
      bench_.rrset.add(answer_.rdata(one));
    }
    // Those of one RRset are the same (RFC 2181 §5.2).
    for (auto place = begin; place != end; ++place) answer_.records()[place->index].ttl = ttl;
    bench_.rrset.finish();
    if (find_signatures(*zone, ttl)) add_signatures(record, ttl);
  }

  bool find_signatures(const SignedZone& zone, uint32_t ttl) {
    signing::Signatures& made = bench_.signatures;
    const uint64_t hash = bench_.rrset.hash(signer_.cache_->key());
    const bool found = signer_.cache_->find(hash, ttl, now_ + kRenewed, made);
    if (counters_ != nullptr) (found ? counters_->hits : counters_->misses).add();
    if (found) return true;
    made.ttl = ttl;
    made.expiration = now_ + kHolds;
    made.records.clear();
    const bool of_keys = bench_.rrset.type() == RrType::Dnskey;
    for (const auto& key : of_keys ? zone.for_keys : zone.for_records) {
      const size_t at = made.records.size();
      made.records.resize(at + 2);
      if (!bench_.rrset.sign(*key, zone.name.view(), ttl, {now_ - kBefore, made.expiration},
                             made.records))
        return false;
      const size_t size = made.records.size() - at - 2;
      made.records[at] = static_cast<uint8_t>(size >> 8);
      made.records[at + 1] = static_cast<uint8_t>(size);
    }
    signer_.cache_->keep(hash, made);
    return true;
  }

  void add_signatures(const Record& record, uint32_t ttl) {
    std::span<const uint8_t> left = bench_.signatures.records;
    while (!left.empty()) {
      const auto size = static_cast<size_t>(left[0] << 8 | left[1]);
      answer_.add_raw(record.section, record.owner, RrType::Rrsig, ttl, left.subspan(2, size));
      octets_ += dns::kRecordHead + size;
      left = left.subspan(2 + size);
    }
  }

  const Signer& signer_;
  const dns::Query& question_;
  Answer& answer_;
  const bool delegated_;
  const uint32_t now_;
  Workbench& bench_;
  Counters* const counters_;
  std::optional<Name> cut_;  // what lies there or below is another zone's
  size_t octets_ = 0;        // of the reply, at least
};

Signer::Signer(const Options& options, std::shared_ptr<signing::SignatureCache> cache)
    : zones_(make_zones(options)), cache_(std::move(cache)) {}

const SignedZone* Signer::zone_of(NameView name) const {
  for (const SignedZone& zone : zones_) {
    if (dns::is_at_or_below(name, zone.name.view())) return &zone;
  }
  return nullptr;
}

bool Signer::depends_on_delegation(const dns::Query& question, const Answer& answer) const {
  if (question.qtype != RrType::Ds || answer.rcode != Rcode::NoError) return false;
  const Name end = end_of_aliases(question, answer);
  const SignedZone* const zone = zone_of(end.view());
  return zone != nullptr && end != zone->name && end == question.lower_qname &&
         is_denial(question, answer, end);
}

void Signer::sign(const Reply& reply, Workbench& bench, Counters* counters) const {
  const Answer& answer = reply.answer;
  if (answer.truncated || answer.record_class != dns::RrClass::In || answer.records().empty())
    return;
  Signing(*this, reply, bench, counters).run();
}

Name end_of_aliases(const dns::Query& question, const Answer& answer) {
  Name end = question.lower_qname;
  if (question.qtype == RrType::Cname || question.qtype == RrType::Any) return end;
  for (int i = 0; i < kMostAliases; ++i) {
    const auto alias = std::ranges::find_if(answer.records(), [&](const Record& record) {
      return record.section == Section::Answer && record.type == RrType::Cname &&
             dns::equal_ignoring_case(answer.name(record.owner, question.qname), end.view());
    });
    if (alias == answer.records().end()) break;
    end = Name(answer.rdata(*alias)).lowered();
  }
  return end;
}

}  // namespace fairlead::plugins::dnssec
