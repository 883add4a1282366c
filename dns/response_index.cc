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
         in.u16() == static_cast<uint16_t>(question.qclass);
}

}  // namespace

uint32_t hash_of(NameView name) {
  return hash_label(kHashStart, name);
}

ResponseFault ResponseIndex::read_head(std::span<const uint8_t> packet, uint16_t id,
                                       const Question& question) {
  class_ = question.qclass;
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
  RecordReader records({packet_, at_}, counts_);
  uint32_t owner_hash = 0;
  const auto read_owner = [&](Reader& in) { return hash_owner(in, owner_hash); };
  for (RecordAt at; records.next(at, read_owner);) {
    const ResponseFault fault = take_record(at, owner_hash);
    if (fault != ResponseFault::None) return fault;
  }
  if (records.ok()) return ResponseFault::None;
  if (!records.cut()) return ResponseFault::Name;
  return truncated() ? ResponseFault::None : ResponseFault::Record;
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

ResponseFault ResponseIndex::take_record(const RecordAt& at, uint32_t owner_hash) {
  if (at.type == RrType::Opt) {
    return at.section == Section::Additional ? read_opt(at) : ResponseFault::Edns;
  }
  if (at.section == Section::Additional || at.rr_class != static_cast<uint16_t>(class_)) {
    return ResponseFault::None;
  }
  has_dname_ = has_dname_ || at.type == RrType::Dname;
  records_[size_++] = {static_cast<uint16_t>(at.owner_at),      at.type,
                       static_cast<uint16_t>(at.rdata_at),      at.rdata_size,
                       (at.ttl & 0x80000000) == 0 ? at.ttl : 0, owner_hash};
  if (at.section == Section::Answer) ++answers_;
  return ResponseFault::None;
}

// RFC 6891 §6.1. The options mean nothing here, but they must be whole.
ResponseFault ResponseIndex::read_opt(const RecordAt& record) {
  if (has_edns_ || packet_[record.owner_at] != 0) return ResponseFault::Edns;
  has_edns_ = true;
  extended_rcode_ = static_cast<uint16_t>(record.ttl >> 24);
  OptionReader options(packet_.subspan(record.rdata_at, record.rdata_size));
  while (options.next()) {
  }
  return options.left().empty() ? ResponseFault::None : ResponseFault::Edns;
}

}  // namespace fairlead::dns
