#include "dns/response.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "dns/rdata.h"
#include "dns/reader.h"
#include "dns/response_index.h"
#include "dns/writer.h"

namespace fairlead::dns {
namespace {

// RRsets of an ANY answer, and of proofs of nonexistence, that are taken at most: far more than
// there are, and few enough to look for each of them in all records.
constexpr size_t kMaxAnyTypes = 64;
constexpr size_t kMaxProofs = 2 * kMaxChain;

constexpr size_t kSignerAt = 18;  // in RRSIG rdata (RFC 4034 §3.1)

// A name that records are looked for at, and how the answer refers to it.
struct Owner {
  NameRef ref;
  Name name;
  uint32_t hash = 0;

  Owner(NameRef its_ref, NameView view) : ref(its_ref), name(view), hash(hash_of(view)) {}
};

bool at_or_below_ignoring_case(NameView name, NameView zone) {
  return is_at_or_below(Name(name).lowered().view(), Name(zone).lowered().view());
}

// Types that are of a message and not of a name (RFC 6895 §3.1).
bool is_meta(RrType type) {
  const auto number = static_cast<uint16_t>(type);
  return type == RrType::Opt || (number >= 128 && number <= 255);
}

// Takes from the index what belongs to the question. A record is taken once: a chain that comes
// back to a name finds nothing there, so every loop ends.
class Extract {
 public:
  Extract(ResponseIndex& index, const Question& question, Answer& answer)
      : index_(index), question_(question), answer_(answer), last_(kQname, question.qname) {}

  // False when rdata is not what its type says.
  bool run() {
    const bool complete = follow_chain();
    if (!complete) take_negative();
    if (question_.dnssec_ok) take_proofs();
    if (answer_.records().size() > 1) answer_.drop_repeats();
    return ok_;
  }

 private:
  struct Part {
    Section section;
    std::span<IndexedRecord> records;
  };
  Part answers() { return {Section::Answer, index_.answers()}; }
  Part authorities() { return {Section::Authority, index_.authorities()}; }

  // To the name where the records of the qtype are; false when there are none.
  bool follow_chain() {
    for (size_t links = 0;; ++links) {
      if (take_target()) return true;
      if (links == kMaxChain || !follow_link()) return false;
    }
  }

  bool take_target() {
    if (question_.qtype != RrType::Any) return take_rrset(answers(), last_, question_.qtype);
    for (size_t types = 0; types < kMaxAnyTypes; ++types) {
      const IndexedRecord* next =
          find(answers(), last_, [](const IndexedRecord& record) { return !is_meta(record.type); });
      if (next == nullptr) return types > 0;
      take(answers(), last_, next->type);
    }
    return true;
  }

  // Over a DNAME (with the CNAME that it makes, RFC 6672 §3.1) or a CNAME; false when there is
  // neither.
  bool follow_link() {
    IndexedRecord* cname = find(
        answers(), last_, [](const IndexedRecord& record) { return record.type == RrType::Cname; });
    if (index_.has_dname() && follow_dname(cname)) return ok_;
    if (cname == nullptr || !add(*cname, Section::Answer, last_.ref)) return false;
    const Owner alias = last_;
    go_to_last_rdata();
    if (question_.dnssec_ok) take_signatures(answers(), alias, RrType::Cname);
    return true;
  }

  // The target of the CNAME that was added last is the chain's next name.
  void go_to_last_rdata() {
    const Record& record = answer_.records().back();
    last_ = Owner({record.rdata_offset, record.rdata_size}, answer_.rdata(record));
  }

  bool follow_dname(IndexedRecord* cname) {
    for (const IndexedRecord& record : index_.answers()) {
      if (record.type != RrType::Dname || record.rdata_at == 0) continue;
      const Name owner = name_at(record.owner_at);
      const std::optional<Name> target = substitute(record, owner.view());
      if (!target || (cname != nullptr && !leads_to(*cname, target->view()))) continue;
      const uint32_t ttl = record.ttl;
      const Owner alias = last_;
      take_rrset(answers(), Owner(answer_.add_name(owner.view()), owner.view()), RrType::Dname);
      if (cname != nullptr) {
        if (!add(*cname, Section::Answer, alias.ref)) return false;
      } else {
        answer_.add_name_record(RrType::Cname, Section::Answer, alias.ref, ttl,
                                answer_.add_name(target->view()));
      }
      go_to_last_rdata();
      return true;
    }
    return false;
  }

  // The chain's last name with the DNAME's owner replaced by its target; empty when the name is not
  // below the owner or would become too long.
  std::optional<Name> substitute(const IndexedRecord& record, NameView owner) {
    const NameView name = last_.name.view();
    if (name.size() <= owner.size() || !at_or_below_ignoring_case(name, owner)) return std::nullopt;
    const auto target =
        read_rdata(index_.packet(), {record.type, record.rdata_at, record.rdata_size}, rdata_);
    if (!target) return std::nullopt;
    const size_t kept = name.size() - owner.size();
    if (kept + target->size() > kMaxNameSize) return std::nullopt;
    std::array<uint8_t, kMaxNameSize> octets;
    std::memcpy(octets.data(), name.data(), kept);
    std::memcpy(octets.data() + kept, target->data(), target->size());
    return Name(NameView(octets.data(), kept + target->size()));
  }

  bool leads_to(const IndexedRecord& cname, NameView name) {
    const auto target =
        read_rdata(index_.packet(), {cname.type, cname.rdata_at, cname.rdata_size}, rdata_);
    return target && equal_ignoring_case(*target, name);
  }

  // RFC 2308 §2: the SOA of a zone that the last name lies in; without one, the NS of a referral.
  void take_negative() {
    if (!take_above(RrType::Soa, true)) take_above(RrType::Ns, false);
  }

  bool take_above(RrType type, bool proves) {
    for (const IndexedRecord& record : index_.authorities()) {
      if (record.type != type) continue;
      const Name owner = name_at(record.owner_at);
      if (!at_or_below_ignoring_case(last_.name.view(), owner.view())) continue;
      const NameRef ref = equal_ignoring_case(owner.view(), question_.qname)
                              ? kQname
                              : answer_.add_name(owner.view());
      if (proves) add_zone(owner.view());
      return take_rrset(authorities(), Owner(ref, owner.view()), type);
    }
    return false;
  }

  // NSEC and NSEC3 of the zones that the answer is from: of the SOA, or of a signature in it.
  void take_proofs() {
    size_t proofs = 0;
    for (const IndexedRecord& record : index_.authorities()) {
      const bool proof = record.type == RrType::Nsec || record.type == RrType::Nsec3;
      if (!proof || record.rdata_at == 0) continue;
      const Name owner = name_at(record.owner_at);
      if (!in_zone(owner.view()) || ++proofs > kMaxProofs) continue;
      take_rrset(authorities(), Owner(answer_.add_name(owner.view()), owner.view()), record.type);
    }
  }

  void add_zone(NameView zone) {
    if (zones_size_ < zones_.size() && !in_zone(zone)) zones_[zones_size_++] = Name(zone);
  }

  [[nodiscard]] bool in_zone(NameView name) const {
    const auto* end = zones_.begin() + zones_size_;
    return std::any_of(zones_.begin(), end, [name](const Name& zone) {
      return at_or_below_ignoring_case(name, zone.view());
    });
  }

  // An RRset and, when asked for, its signatures; false when it has no records here.
  bool take_rrset(Part part, const Owner& owner, RrType type) {
    const size_t taken = take(part, owner, type);
    if (taken > 0 && question_.dnssec_ok) take_signatures(part, owner, type);
    return taken > 0;
  }

  size_t take(Part part, const Owner& owner, RrType type) {
    return take_if(part, owner,
                   [type](const IndexedRecord& record) { return record.type == type; });
  }

  void take_signatures(Part part, const Owner& owner, RrType covered) {
    const std::span<const uint8_t> packet = index_.packet();
    const auto number = static_cast<uint16_t>(covered);
    const size_t before = answer_.records().size();
    const size_t taken = take_if(part, owner, [packet, number](const IndexedRecord& record) {
      return record.type == RrType::Rrsig && record.rdata_size >= kSignerAt &&
             (packet[record.rdata_at] << 8 | packet[record.rdata_at + 1U]) == number;
    });
    if (taken == 0 || part.section != Section::Answer) return;
    const auto rdata = answer_.rdata(answer_.records()[before]);
    Reader signer{rdata, kSignerAt};
    std::array<uint8_t, kMaxNameSize> zone;
    add_zone({zone.data(), read_name(signer, zone.data())});
  }

  // Takes the records that `want` accepts, which are one RRset: they get its smallest TTL.
  template <typename Want>
  size_t take_if(Part part, const Owner& owner, Want want) {
    const size_t before = answer_.records().size();
    uint32_t ttl = UINT32_MAX;
    for (IndexedRecord& record : part.records) {
      if (!want(record) || !stands_at(record, owner)) continue;
      ttl = std::min(ttl, record.ttl);
      if (!add(record, part.section, owner.ref)) break;
    }
    const std::span<Record> taken = answer_.records().subspan(before);
    for (Record& record : taken) record.ttl = ttl;
    return taken.size();
  }

  template <typename Want>
  IndexedRecord* find(Part part, const Owner& owner, Want want) {
    for (IndexedRecord& record : part.records) {
      if (want(record) && stands_at(record, owner)) return &record;
    }
    return nullptr;
  }

  bool add(IndexedRecord& record, Section section, NameRef owner) {
    const auto rdata =
        read_rdata(index_.packet(), {record.type, record.rdata_at, record.rdata_size}, rdata_);
    ok_ = ok_ && rdata;
    if (!ok_) return false;
    answer_.add_raw(section, owner, record.type, record.ttl, *rdata);
    record.rdata_at = 0;  // taken
    return true;
  }

  [[nodiscard]] bool stands_at(const IndexedRecord& record, const Owner& owner) const {
    if (record.owner_hash != owner.hash || record.rdata_at == 0) return false;
    Reader in{index_.packet(), record.owner_at};
    const NameView name = owner.name.view();
    size_t at = 0;
    bool same = true;
    walk_name(in, [&](NameView label) {
      same = at + label.size() <= name.size() &&
             equal_ignoring_case(label, name.subspan(at, label.size()));
      at += label.size();
      return same;
    });
    return same;
  }

  // A name that was walked over before.
  [[nodiscard]] Name name_at(size_t at) const {
    std::array<uint8_t, kMaxNameSize> octets;
    Reader in{index_.packet(), at};
    return Name(NameView(octets.data(), read_name(in, octets.data())));
  }

  ResponseIndex& index_;
  const Question& question_;
  Answer& answer_;
  bool ok_ = true;
  Owner last_;  // where the chain has come to
  std::array<Name, kMaxChain + 2> zones_;
  size_t zones_size_ = 0;
  RdataBuffer rdata_;
};

Response read_into(std::span<const uint8_t> packet, uint16_t id, const Question& question,
                   Answer& answer) {
  ResponseIndex index;
  ResponseFault fault = index.read_head(packet, id, question);
  if (fault != ResponseFault::None) return {ResponseVerdict::NotOurs, fault};
  fault = index.read_records();
  if (fault != ResponseFault::None) return {ResponseVerdict::Malformed, fault};
  if (!Extract(index, question, answer).run()) {
    return {ResponseVerdict::Malformed, ResponseFault::Rdata};
  }
  answer.rcode = index.rcode();
  answer.record_class = question.qclass;
  answer.authoritative = (index.flags() & 0x0400) != 0;
  answer.truncated = index.truncated();
  answer.recursion_available = (index.flags() & 0x0080) != 0;
  answer.authentic_data = (index.flags() & 0x0020) != 0;
  return {ResponseVerdict::Ours, ResponseFault::None, index.truncated(), index.has_edns()};
}

}  // namespace

size_t write_query(const Question& question, uint16_t id, bool edns, std::span<uint8_t> out) {
  uint8_t* at = put16(out.data(), id);
  at = put16(at, (question.recursion_desired ? 0x0100U : 0U) |
                     (question.authentic_data ? 0x0020U : 0U) |
                     (question.checking_disabled ? 0x0010U : 0U));
  for (const uint32_t count : {1U, 0U, 0U, edns ? 1U : 0U}) at = put16(at, count);
  std::memcpy(at, question.qname.data(), question.qname.size());
  at = put16(at + question.qname.size(), static_cast<uint32_t>(question.qtype));
  at = put16(at, static_cast<uint32_t>(question.qclass));
  if (edns) {
    *at++ = 0;
    at = put16(at, static_cast<uint32_t>(RrType::Opt));
    const auto size = static_cast<uint32_t>(question.options.size());
    for (const uint32_t value :
         {uint32_t{kUpstreamUdpSize}, 0U, question.dnssec_ok ? 0x8000U : 0U, size}) {
      at = put16(at, value);
    }
    at = std::ranges::copy(question.options, at).out;
  }
  return static_cast<size_t>(at - out.data());
}

Response read_response(std::span<const uint8_t> packet, uint16_t id, const Question& question,
                       Answer& answer) {
  answer.clear();
  const Response response = read_into(packet, id, question, answer);
  if (response.verdict != ResponseVerdict::Ours) answer.clear();
  return response;
}

const char* to_text(ResponseFault fault) {
  switch (fault) {
    case ResponseFault::None:
      return "none";
    case ResponseFault::Short:
      return "short";
    case ResponseFault::NotResponse:
      return "not_response";
    case ResponseFault::Id:
      return "id";
    case ResponseFault::Question:
      return "question";
    case ResponseFault::Name:
      return "name";
    case ResponseFault::Record:
      return "record";
    case ResponseFault::Rdata:
      return "rdata";
    case ResponseFault::Edns:
      return "edns";
  }
  return "unknown";
}

}  // namespace fairlead::dns
