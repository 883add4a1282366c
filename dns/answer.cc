#include "dns/answer.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "dns/hash.h"
#include "dns/writer.h"

namespace fairlead::dns {
namespace {

constexpr size_t kMaxErrorText = 255;

// How many octets of `text` to keep, at most `limit`, so that no character is split. Octets that
// are not UTF-8 may be cut anywhere.
size_t cut_utf8(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text.size();
  const auto continues = [text](size_t at) { return (text[at] & 0xc0) == 0x80; };
  size_t end = limit;
  while (end > limit - 3 && continues(end)) --end;
  return continues(end) ? limit : end;
}

}  // namespace

void Answer::clear() {
  rcode = Rcode::NoError;
  authoritative = recursion_available = authentic_data = truncated = false;
  record_class = RrClass::In;
  recursion_desired.reset();
  records_.clear();
  octets_.clear();
  options_.clear();
}

uint8_t* Answer::append(size_t size) {
  octets_.resize(octets_.size() + size);
  return octets_.data() + octets_.size() - size;
}

NameRef Answer::add_name(NameView name) {
  std::memcpy(append(name.size()), name.data(), name.size());
  return {static_cast<uint32_t>(octets_.size() - name.size()), static_cast<uint16_t>(name.size())};
}

NameRef Answer::add_name(std::string_view label, NameView parent) {
  const size_t size = label.size() + 1 + parent.size();
  if (label.empty() || label.size() > kMaxLabelSize || size > kMaxNameSize) return add_name(parent);
  uint8_t* at = append(size);
  *at = static_cast<uint8_t>(label.size());
  std::memcpy(at + 1, label.data(), label.size());
  std::memcpy(at + 1 + label.size(), parent.data(), parent.size());
  return {static_cast<uint32_t>(octets_.size() - size), static_cast<uint16_t>(size)};
}

void Answer::push(Section section, NameRef owner, RrType type, uint32_t ttl,
                  uint32_t rdata_offset) {
  const auto size = static_cast<uint16_t>(octets_.size() - rdata_offset);
  records_.push_back({section, type, ttl, owner, rdata_offset, size});
}

void Answer::add_address(Section section, NameRef owner, uint32_t ttl, const IpAddress& address) {
  add_raw(section, owner, address.is_v6() ? RrType::Aaaa : RrType::A, ttl, address.octets());
}

void Answer::add_name_record(RrType type, Section section, NameRef owner, uint32_t ttl,
                             NameRef target) {
  records_.push_back({section, type, ttl, owner, target.offset, target.size});
}

void Answer::add_srv(NameRef owner, uint32_t ttl, const Srv& srv) {
  const auto start = static_cast<uint32_t>(octets_.size());
  uint8_t* at = append(6U + srv.target.size);
  at = put16(put16(put16(at, srv.priority), srv.weight), srv.port);
  std::memcpy(at, octets_.data() + srv.target.offset, srv.target.size);
  push(Section::Answer, owner, RrType::Srv, ttl, start);
}

void Answer::add_soa(Section section, NameRef owner, uint32_t ttl, const Soa& soa) {
  const auto start = static_cast<uint32_t>(octets_.size());
  uint8_t* at = append(soa.mname.size + soa.rname.size + 20U);
  std::memcpy(at, octets_.data() + soa.mname.offset, soa.mname.size);
  at += soa.mname.size;
  std::memcpy(at, octets_.data() + soa.rname.offset, soa.rname.size);
  at += soa.rname.size;
  for (const uint32_t value : {soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum}) {
    at = put32(at, value);
  }
  push(section, owner, RrType::Soa, ttl, start);
}

void Answer::add_txt(NameRef owner, uint32_t ttl, std::string_view text) {
  text = text.substr(0, 255);
  const auto start = static_cast<uint32_t>(octets_.size());
  uint8_t* at = append(text.size() + 1);
  *at = static_cast<uint8_t>(text.size());
  std::memcpy(at + 1, text.data(), text.size());
  push(Section::Answer, owner, RrType::Txt, ttl, start);
}

void Answer::add_raw(Section section, NameRef owner, RrType type, uint32_t ttl,
                     std::span<const uint8_t> rdata) {
  const auto start = static_cast<uint32_t>(octets_.size());
  if (!rdata.empty()) std::memcpy(append(rdata.size()), rdata.data(), rdata.size());
  push(section, owner, type, ttl, start);
}

void Answer::set_rdata(Record& record, std::span<const uint8_t> rdata) {
  record.rdata_offset = static_cast<uint32_t>(octets_.size());
  record.rdata_size = static_cast<uint16_t>(rdata.size());
  octets_.insert(octets_.end(), rdata.begin(), rdata.end());
}

uint8_t* Answer::append_option(OptionCode code, size_t size) {
  options_.resize(options_.size() + kOptionHead + size);
  uint8_t* at = options_.data() + options_.size() - size - kOptionHead;
  return put16(put16(at, static_cast<uint32_t>(code)), static_cast<uint32_t>(size));
}

void Answer::add_option(OptionCode code, std::span<const uint8_t> data) {
  if (data.size() > kMaxOptionData) return;
  uint8_t* at = append_option(code, data.size());
  if (!data.empty()) std::memcpy(at, data.data(), data.size());
}

void Answer::set_option(OptionCode code, std::span<const uint8_t> data) {
  uint8_t* kept = options_.data();
  OptionReader reader(options_);
  while (const auto option = reader.next()) {
    if (option->code == code) continue;
    const size_t size = kOptionHead + option->data.size();
    std::memmove(kept, option->data.data() - kOptionHead, size);
    kept += size;
  }
  options_.resize(static_cast<size_t>(kept - options_.data()));
  add_option(code, data);
}

void Answer::add_extended_error(uint16_t info_code, std::string_view text) {
  size_t said = 0;
  OptionReader reader(options_);
  while (const auto option = reader.next()) {
    if (option->code == OptionCode::ExtendedError) ++said;
  }
  if (said >= kMaxExtendedErrors) return;
  text = text.substr(0, cut_utf8(text, kMaxErrorText));
  uint8_t* at = put16(append_option(OptionCode::ExtendedError, 2 + text.size()), info_code);
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
}

void Answer::append(const Answer& other, NameView other_qname, Section section) {
  for (const Record& record : other.records_) {
    if (record.section != section) continue;
    const NameRef owner = add_name(other.name(record.owner, other_qname));
    add_raw(section, owner, record.type, record.ttl, other.rdata(record));
  }
  truncated = truncated || other.truncated;
}

size_t Answer::count(Section section) const {
  return static_cast<size_t>(std::ranges::count(records_, section, &Record::section));
}

bool Answer::same(const Record& a, const Record& b) const {
  const NameView owner_a = name(a.owner, {});
  const NameView owner_b = name(b.owner, {});
  return a.section == b.section && a.type == b.type && std::ranges::equal(owner_a, owner_b) &&
         std::ranges::equal(rdata(a), rdata(b));
}

void Answer::drop_repeats() {
  constexpr size_t kFew = 8;  // that each is compared with each costs less than a table
  if (records_.size() <= kFew) return drop_few_repeats();
  constexpr uint32_t kFree = 0xffffffff;
  repeats_table_.assign(std::bit_ceil(records_.size() * 2), kFree);
  const size_t mask = repeats_table_.size() - 1;
  size_t kept = 0;
  for (const Record& record : records_) {
    const auto data = rdata(record);
    const auto owner = name(record.owner, {});
    const auto seed = static_cast<uint64_t>(record.section);
    const uint64_t hash =
        hash_octets(owner.data(), owner.size(), hash_octets(data.data(), data.size(), seed));
    size_t slot = hash & mask;
    while (repeats_table_[slot] != kFree && !same(records_[repeats_table_[slot]], record)) {
      slot = (slot + 1) & mask;
    }
    if (repeats_table_[slot] != kFree) continue;
    repeats_table_[slot] = static_cast<uint32_t>(kept);
    records_[kept++] = record;
  }
  records_.resize(kept);
}

void Answer::drop_few_repeats() {
  size_t kept = 0;
  for (const Record& record : records_) {
    const auto known = std::span(records_).first(kept);
    if (std::ranges::any_of(known, [&](const Record& r) { return same(r, record); })) continue;
    records_[kept++] = record;
  }
  records_.resize(kept);
}

}  // namespace fairlead::dns
