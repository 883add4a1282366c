#include "signing/rrset.h"

#include <algorithm>

#include "dns/canonical.h"

namespace fairlead::signing {
namespace {

void put16(std::vector<uint8_t>& out, size_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

void put32(std::vector<uint8_t>& out, uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}

void put(std::vector<uint8_t>& out, std::span<const uint8_t> octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

// RFC 4034 §3.1.3: without the root and the asterisk of a wildcard.
uint8_t signed_labels(dns::NameView owner) {
  const bool wildcard = owner[0] == 1 && owner[1] == '*';
  return static_cast<uint8_t>(dns::label_count(owner) - (wildcard ? 1 : 0));
}

constexpr size_t kTypeAndClass = 4;

}  // namespace

void Rrset::begin(dns::NameView owner, dns::RrType type) {
  owner_.set_lowered(owner);
  type_ = type;
  rdata_.clear();
  parts_.clear();
}

void Rrset::add(std::span<const uint8_t> rdata) {
  const size_t at = rdata_.size();
  dns::append_canonical(type_, rdata, rdata_);
  parts_.push_back({at, rdata_.size() - at});
}

void Rrset::finish() {
  std::ranges::sort(parts_, [this](const Part& a, const Part& b) {
    return std::ranges::lexicographical_compare(rdata(a), rdata(b));
  });
  const auto equal = [this](const Part& a, const Part& b) {
    return std::ranges::equal(rdata(a), rdata(b));
  };
  parts_.erase(std::unique(parts_.begin(), parts_.end(), equal), parts_.end());
  records_.clear();
  for (const Part& part : parts_) {
    put(records_, owner_.view());
    put16(records_, static_cast<uint16_t>(type_));
    put16(records_, static_cast<uint16_t>(dns::RrClass::In));
    put32(records_, 0);
    put16(records_, part.size);
    put(records_, rdata(part));
  }
}

uint64_t Rrset::hash(const dns::HashKey& key) const {
  return dns::siphash(key, records_);
}

bool Rrset::sign(const ZoneKey& key, dns::NameView zone, uint32_t ttl, const Validity& validity,
                 std::vector<uint8_t>& rrsig) {
  signed_.clear();
  put16(signed_, static_cast<uint16_t>(type_));
  signed_.push_back(key.algorithm());
  signed_.push_back(signed_labels(owner_.view()));
  put32(signed_, ttl);
  put32(signed_, validity.expiration);
  put32(signed_, validity.inception);
  put16(signed_, key.tag());
  put(signed_, zone);
  const size_t front = signed_.size();
  put(signed_, records_);
  for (size_t at = front; at < signed_.size();) {
    uint8_t* const ttl_at = signed_.data() + at + owner_.size() + kTypeAndClass;
    for (int i = 0; i < 4; ++i) ttl_at[i] = static_cast<uint8_t>(ttl >> (8 * (3 - i)));
    at += owner_.size() + kTypeAndClass + 4 + 2 + static_cast<size_t>(ttl_at[4] << 8 | ttl_at[5]);
  }
  const size_t before = rrsig.size();
  put(rrsig, std::span(signed_).first(front));
  if (key.sign(signed_, rrsig)) return true;
  rrsig.resize(before);
  return false;
}

}  // namespace fairlead::signing
