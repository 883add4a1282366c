#include "dns/response_index.h"

#include <algorithm>

#include "dns/edns_option.h"

namespace fairlead::dns {
namespace {

constexpr uint32_t kHashStart = 0x811c9dc5;

uint32_t hash_label(uint32_t hash, NameView label) {
  for (const uint8_t octet : label) hash = (hash ^ lower(octet)) * 0x01000193;
  return hash;
}

// A server that could not read the query has no question to repeat.
bool may_lack_question(uint16_t flags) {
  switch (static_cast<Rcode>(flags & 0xf)) {
    case Rcode::FormErr:
    case Rcode::ServFail:
    case Rcode::NotImp:
    case Rcode::Refused:
      return true;
    default:
      return false;
  }
}

// The question's name is the first of the message: it has nothing to point at.
bool repeats(Reader& in, const Question& question) {
  const size_t size = question.qname.size();
  if (!in.need(size + 4)) return false;
  if (!equal_ignoring_case(in.packet.subspan(in.at, size), question.qname)) return false;
  in.at += size;
  return in.u16() == static_cast<uint16_t>(question.qtype) &&
         in.u16() == static_cast<uint16_t>(RrClass::In);
}

}  // namespace

uint32_t hash_of(NameView name) {
  return hash_label(kHashStart, name);
}

ResponseFault ResponseIndex::read_head(std::span<const uint8_t> packet, uint16_t id,
                                       const Question& question) {
  packet_ = packet.first(std::min(packet.size(), kMaxMessage));
  if (packet_.size() < kHeaderSize) return ResponseFault::Short;
  Reader in{packet_};
  const uint16_t its_id = in.u16();
  flags_ = in.u16();
  if ((flags_ & 0xf800) != 0x8000) return ResponseFault::NotResponse;
  if (its_id != id) return ResponseFault::Id;
  const uint16_t questions = in.u16();
  for (uint16_t& count : counts_) count = in.u16();
  const bool ours =
      questions == 0 ? may_lack_question(flags_) : questions == 1 && repeats(in, question);
  at_ = in.at;
  return ours ? ResponseFault::None : ResponseFault::Question;
}

ResponseFault ResponseIndex::read_records() {
  Reader in{packet_, at_};
  for (const Section section : {Section::Answer, Section::Authority, Section::Additional}) {
    for (uint16_t i = counts_[static_cast<size_t>(section)]; i > 0; --i) {
      const ResponseFault fault = read_record(in, section);
      if (fault == ResponseFault::Record && truncated()) return ResponseFault::None;
      if (fault != ResponseFault::None) return fault;
    }
  }
  return ResponseFault::None;
}

// Most owners are a pointer alone, and the same one as before.
bool ResponseIndex::hash_owner(Reader& in, uint32_t& hash) {
  const size_t start = in.at;
  if (last_pointer_ != 0 && in.packet.size() - start >= 2 &&
      last_pointer_ == (in.packet[start] << 8 | in.packet[start + 1])) {
    in.at += 2;
    hash = last_hash_;
    return true;
  }
  hash = kHashStart;
  const bool ok = walk_name(in, [&hash](NameView label) {
    hash = hash_label(hash, label);
    return true;
  });
  if (!ok) return false;
  const bool pointer = (in.packet[start] & 0xc0) == 0xc0;
  last_pointer_ = pointer ? static_cast<uint16_t>(in.packet[start] << 8 | in.packet[start + 1]) : 0;
  last_hash_ = hash;
  return true;
}

ResponseFault ResponseIndex::read_record(Reader& in, Section section) {
  IndexedRecord record;
  record.owner_at = static_cast<uint16_t>(in.at);
  if (!hash_owner(in, record.owner_hash))
    return in.ok ? ResponseFault::Name : ResponseFault::Record;
  record.type = static_cast<RrType>(in.u16());
  const uint16_t rr_class = in.u16();
  record.ttl = in.u32();
  record.rdata_size = in.u16();
  record.rdata_at = static_cast<uint16_t>(in.at);
  in.skip(record.rdata_size);
  if (!in.ok) return ResponseFault::Record;
  if (record.type == RrType::Opt) {
    return section == Section::Additional ? read_opt(record) : ResponseFault::Edns;
  }
  if (section == Section::Additional || rr_class != static_cast<uint16_t>(RrClass::In)) {
    return ResponseFault::None;
  }
  if ((record.ttl & 0x80000000) != 0) record.ttl = 0;
  has_dname_ = has_dname_ || record.type == RrType::Dname;
  records_[size_++] = record;
  if (section == Section::Answer) ++answers_;
  return ResponseFault::None;
}

// RFC 6891 §6.1. The options mean nothing here, but they must be whole.
ResponseFault ResponseIndex::read_opt(const IndexedRecord& record) {
  if (has_edns_ || packet_[record.owner_at] != 0) return ResponseFault::Edns;
  has_edns_ = true;
  extended_rcode_ = static_cast<uint16_t>(record.ttl >> 24);
  OptionReader options(packet_.subspan(record.rdata_at, record.rdata_size));
  while (options.next()) {
  }
  return options.left().empty() ? ResponseFault::None : ResponseFault::Edns;
}

}  // namespace fairlead::dns
