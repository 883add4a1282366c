#include "plugins/sign/zone_signing.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "dns/numbers.h"
#include "dns/record_text.h"
#include "dns/text_octets.h"
#include "dns/types.h"
#include "dns/writer.h"

namespace fairlead::plugins::sign {
namespace {

using dns::NameView;
using dns::RrType;
using records::Zone;
using records::ZoneRecord;

constexpr RrType kNsec3Param{51};

// What the zone was signed with before: made anew.
bool is_of_signing(RrType type, bool is_apex) {
  if (type == RrType::Rrsig || type == RrType::Nsec || type == RrType::Nsec3 || type == kNsec3Param)
    return true;
  return is_apex && (type == RrType::Dnskey || type == RrType::Cds || type == RrType::Cdnskey);
}

// RFC 4034 §5.1, RFC 7344 §3: the key's hash with its owner's name.
std::vector<uint8_t> child_ds(NameView zone, const signing::ZoneKey& key) {
  constexpr uint8_t kSha256 = 2;
  std::vector<uint8_t> named(zone.begin(), zone.end());
  named.insert(named.end(), key.rdata().begin(), key.rdata().end());
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(named.data(), named.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::vector<uint8_t> rdata{static_cast<uint8_t>(key.tag() >> 8), static_cast<uint8_t>(key.tag()),
                             key.algorithm(), kSha256};
  rdata.insert(rdata.end(), digest.begin(), digest.begin() + size);
  return rdata;
}

}  // namespace

ZoneSigning::ZoneSigning(std::shared_ptr<const Zone> zone, Keys keys, const SigningTimes& times)
    : zone_(std::move(zone)), keys_(std::move(keys)), times_(times) {
  for (const ZoneRecord record : zone_->records(zone_->apex())) {
    if (record.type != RrType::Soa) continue;
    soa_ttl_ = record.ttl;
    denial_ttl_ = std::min(record.ttl, dns::soa_minimum(record.rdata));  // RFC 9077 §3
  }
  find_own();
}

// Names without records have no NSEC record, nor has what is delegated or redirected away.
void ZoneSigning::find_own() {
  NameView beyond;  // a delegation, or a DNAME: nothing below is the zone's
  for (const Zone::Node& node : zone_->nodes()) {
    const NameView name = zone_->name(node);
    const bool hidden =
        !beyond.empty() && name.size() != beyond.size() && dns::is_at_or_below(name, beyond);
    if (!zone_->records(node).empty()) (hidden ? other_ : own_).push_back(&node);
    if (!hidden && (node.is_cut || node.has_dname)) beyond = name;
  }
}

bool ZoneSigning::work(size_t names) {
  for (; names > 0 && done_ < own_.size() && error_.empty(); --names) sign_name(done_++);
  if (done_ < own_.size() || !error_.empty()) return !error_.empty();
  for (const Node* const node : std::exchange(other_, {})) put_unsigned(*node);
  return true;
}

void ZoneSigning::add_keys(std::vector<Owned>& records) const {
  for (const auto& key : keys_) {
    const std::vector<uint8_t> rdata(key->rdata().begin(), key->rdata().end());
    records.push_back({RrType::Dnskey, soa_ttl_, rdata});
    records.push_back({RrType::Cds, soa_ttl_, child_ds(zone_->origin(), *key)});
    records.push_back({RrType::Cdnskey, soa_ttl_, rdata});
  }
}

void ZoneSigning::collect(const Node& node, bool is_apex, std::vector<Owned>& records) const {
  for (const ZoneRecord record : zone_->records(node)) {
    if (is_of_signing(record.type, is_apex)) continue;
    records.push_back({record.type, record.ttl, {record.rdata.begin(), record.rdata.end()}});
    if (record.type == RrType::Soa) {
      std::vector<uint8_t>& soa = records.back().rdata;
      dns::put32(soa.data() + soa.size() - dns::kSoaNumbers, times_.now);
    }
  }
  if (is_apex) add_keys(records);
  // The SOA in front, as readers like it.
  std::ranges::stable_sort(records, {}, [](const Owned& record) {
    return record.type == RrType::Soa ? 0 : static_cast<int>(record.type);
  });
}

void ZoneSigning::add_nsec(const Node& node, const std::vector<Owned>& records, size_t place,
                           std::vector<Owned>& out) const {
  std::vector<RrType> types{RrType::Rrsig, RrType::Nsec};
  for (const Owned& record : records) {
    const bool parents = !node.is_cut || record.type == RrType::Ns || record.type == RrType::Ds;
    if (parents) types.push_back(record.type);
  }
  std::ranges::sort(types);
  types.erase(std::unique(types.begin(), types.end()), types.end());
  const NameView next = zone_->name(*own_[(place + 1) % own_.size()]);
  Owned nsec{RrType::Nsec, denial_ttl_, {next.begin(), next.end()}};
  dns::append_bitmap(types, nsec.rdata);
  out.push_back(std::move(nsec));
}

void ZoneSigning::sign_name(size_t place) {
  const Node& node = *own_[place];
  const NameView owner = zone_->name(node);
  std::vector<Owned> records;
  collect(node, place == 0, records);
  std::vector<Owned> nsec;
  add_nsec(node, records, place, nsec);
  records.push_back(std::move(nsec.front()));
  for (size_t first = 0; first < records.size() && error_.empty();) {
    size_t end = first;
    uint32_t ttl = UINT32_MAX;  // of all of the RRset (RFC 2181 §5.2)
    for (; end < records.size() && records[end].type == records[first].type; ++end)
      ttl = std::min(ttl, records[end].ttl);
    for (size_t i = first; i < end; ++i) {
      records[i].ttl = ttl;
      put(owner, records[i]);
    }
    const RrType type = records[first].type;
    const bool own = !node.is_cut || type == RrType::Ds || type == RrType::Nsec;
    if (own && !sign_rrset(owner, records.data() + first, records.data() + end))
      error_ = "cannot sign " + dns::to_text(type) + " of " + dns::to_text(owner);
    first = end;
  }
}

bool ZoneSigning::sign_rrset(NameView owner, const Owned* first, const Owned* end) {
  rrset_.begin(owner, first->type);
  for (const Owned* one = first; one != end; ++one) rrset_.add(one->rdata);
  rrset_.finish();
  for (const auto& key : keys_) {
    rrsig_.clear();
    if (!rrset_.sign(*key, zone_->origin(), first->ttl, times_.validity, rrsig_)) return false;
    put(owner, {RrType::Rrsig, first->ttl, rrsig_});
  }
  return true;
}

void ZoneSigning::put(NameView owner, const Owned& record) {
  dns::append_zone_line(owner, record.type, record.ttl, record.rdata, text_);
}

void ZoneSigning::put_unsigned(const Node& node) {
  for (const ZoneRecord record : zone_->records(node)) {
    if (is_of_signing(record.type, false)) continue;
    put(zone_->name(node), {record.type, record.ttl, {record.rdata.begin(), record.rdata.end()}});
  }
}

}  // namespace fairlead::plugins::sign
