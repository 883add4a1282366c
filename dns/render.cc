#include "dns/render.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "dns/compressor.h"
#include "dns/reply_parts.h"
#include "dns/type_table.h"

namespace fairlead::dns {
namespace {

constexpr uint16_t kQnamePointer = kPointer | kHeaderSize;
constexpr uint16_t kTsigBadKey = 17;  // RFC 8945 §3

using Options = std::span<const uint8_t>;

// What of the answer's options a reply of at most `limit` octets takes.
Options options_for(const Query& query, const Answer& answer, size_t limit) {
  const Options options = answer.options();
  if (options.empty() || !query.has_edns) return {};
  const size_t fixed = kHeaderSize + query.qname.size() + 4 + opt_size(query);
  return options.size() <= std::min(limit / 2, limit - fixed) ? options : Options{};
}

class Renderer {
 public:
  Renderer(const Query& query, RrClass record_class, Options options, std::span<uint8_t> out)
      : query_(query),
        record_class_(record_class),
        fast_addresses_(record_class == RrClass::In && query.qname.size() != 1),
        options_(options),
        writer_{out.first(out.size() - opt_size(query) - options.size())},
        out_(out) {}

  void question() {
    writer_.at = kHeaderSize;
    if (!query_.has_question) return;
    writer_.put(query_.qname);
    writer_.put16(static_cast<uint16_t>(query_.qtype));
    writer_.put16(static_cast<uint16_t>(query_.qclass));
  }

  // Writes the records of one section; false when not all fit.
  bool section(const Answer& answer, Section section, uint16_t& count) {
    const Record* rrset = nullptr;  // first record of the RRset being written
    size_t rrset_at = writer_.at;
    uint16_t rrset_count = 0;
    for (const Record& record : answer.records()) {
      if (record.section != section) continue;
      if (rrset == nullptr || rrset->type != record.type || !same(rrset->owner, record.owner)) {
        rrset = &record;
        rrset_at = writer_.at;
        rrset_count = count;
      }
      const size_t before = writer_.at;
      put_record(answer, record);
      if (writer_.full) {
        const bool keep_partial = section == Section::Answer;
        writer_.at = keep_partial ? before : rrset_at;
        count = keep_partial ? count : rrset_count;
        return false;
      }
      ++count;
    }
    return true;
  }

  // Its room was set aside at the start.
  void opt(Rcode rcode) {
    if (!query_.has_edns) return;
    writer_.out = out_;
    writer_.full = false;
    put_opt(writer_, query_, rcode, options_);
  }

  // RFC 8945 §5.2.1 and §5.3.2: the key is unknown, so the answer carries an unsigned TSIG that
  // says so.
  bool tsig_bad_key() {
    if (query_.tsig.key_name.empty()) return false;
    const size_t before = writer_.at;
    writer_.put(query_.tsig.key_name);
    writer_.put16(static_cast<uint16_t>(RrType::Tsig));
    writer_.put16(static_cast<uint16_t>(RrClass::Any));
    writer_.put32(0);
    writer_.put16(static_cast<uint32_t>(query_.tsig.algorithm.size()) + 16);
    writer_.put(query_.tsig.algorithm);
    writer_.put(query_.tsig.time_and_fudge);
    writer_.put16(0);  // no MAC
    writer_.put16(query_.tsig.original_id);
    writer_.put16(kTsigBadKey);
    writer_.put16(0);
    if (writer_.full) writer_.at = before;
    return !writer_.full;
  }

  void header(const ReplyHeader& head) { put_header(out_.data(), query_, head); }

  [[nodiscard]] size_t size() const { return writer_.at; }

 private:
  // A handle is enough for the usual case; equal names under two handles only cost a finer cut.
  static bool same(NameRef a, NameRef b) { return a.offset == b.offset && a.size == b.size; }

  size_t put_name(std::span<const uint8_t> name, bool shorten) {
    if (!names_) names_.emplace(writer_).add_qname(query_.qname);
    return names_->put(name, shorten);
  }

  // The bulk of what is asked: addresses of the qname, class IN. One check of the room for all of
  // it.
  void put_address(const Record& record, std::span<const uint8_t> rdata) {
    if (!writer_.room(kRecordHead + rdata.size())) return;
    uint8_t* const at = put_record_head(writer_.out.data() + writer_.at, kQnamePointer, record.type,
                                        record.ttl, rdata.size());
    std::memcpy(at, rdata.data(), rdata.size());
    writer_.at += kRecordHead + rdata.size();
  }

  void put_record(const Answer& answer, const Record& record) {
    const bool address = record.type == RrType::A || record.type == RrType::Aaaa;
    if (address && record.owner.size == 0 && fast_addresses_ && record.rdata_size <= 16)
      return put_address(record, answer.rdata(record));
    if (record.owner.size != 0) {
      put_owner(answer, record.owner);
    } else if (query_.qname.size() == 1) {
      writer_.put(query_.qname);
    } else {
      writer_.put16(kQnamePointer);
    }
    writer_.put16(static_cast<uint16_t>(record.type));
    writer_.put16(static_cast<uint16_t>(record_class_));
    writer_.put32(record.ttl);
    const size_t size_at = writer_.at;
    writer_.put16(record.rdata_size);
    put_rdata(record.type, answer.rdata(record));
    if (writer_.full) return;
    const size_t size = writer_.at - size_at - 2;
    writer_.out[size_at] = static_cast<uint8_t>(size >> 8);
    writer_.out[size_at + 1] = static_cast<uint8_t>(size);
  }

  // The records of a name mostly follow each other.
  void put_owner(const Answer& answer, NameRef owner) {
    if (owner_pointer_ != 0 && same(owner, owner_)) return writer_.put16(owner_pointer_);
    const size_t at = writer_.at;
    put_name(answer.name(owner, query_.qname), true);
    owner_ = owner;
    owner_pointer_ = 0;
    if (writer_.full || at > kMaxPointerTarget || writer_.out[at] == 0) return;
    const bool points = writer_.out[at] >= kPointer >> 8;
    owner_pointer_ = points ? static_cast<uint16_t>(writer_.out[at] << 8 | writer_.out[at + 1])
                            : static_cast<uint16_t>(kPointer | at);
  }

  // Names of the types of RFC 1035 are shortened, others are written whole (RFC 3597 §4; an SRV's
  // target: RFC 2782). Rdata that is not what its type says is written as it is.
  void put_rdata(RrType type, std::span<const uint8_t> rdata) {
    const RdataLayout& layout = layout_of(type);
    size_t at = std::min<size_t>(layout.fixed_front(), rdata.size());
    if (at != 0) writer_.put(rdata.first(at));
    const RdataField* const end = layout.names_end();
    for (const RdataField* field = layout.behind_fixed_front(); field < end; ++field) {
      const auto left = rdata.subspan(at);
      const bool shorten = *field == RdataField::CompressibleName;
      const size_t size = shorten || *field == RdataField::WholeName ? put_name(left, shorten)
                                                                     : put_field(*field, left);
      if (size == 0) break;
      at += size;
    }
    writer_.put(rdata.subspan(at));
  }

  size_t put_field(RdataField field, std::span<const uint8_t> rdata) {
    const size_t size = field_size(field, rdata);
    writer_.put(rdata.first(size));
    return size;
  }

  const Query& query_;
  RrClass record_class_;
  bool fast_addresses_;  // the qname can be pointed at, and the class is IN
  Options options_;
  Writer writer_;
  std::span<uint8_t> out_;
  std::optional<Compressor> names_;  // once a name other than the question's is written
  NameRef owner_;                    // the last that was not the question's,
  uint16_t owner_pointer_ = 0;       // and what stands for it; 0: nothing does
};

std::span<uint8_t> within_limit(const Query& query, std::span<uint8_t> out) {
  return out.first(std::min(out.size(), reply_limit(query)));
}

uint16_t flag(bool on, uint16_t bit) {
  return on ? bit : uint16_t{0};
}

}  // namespace

size_t opt_size(const Query& query) {
  if (!query.has_edns) return 0;
  return query.edns.tcp_keepalive ? 17 : 11;
}

bool understands_ad(const Query& query) {
  return query.authentic_data || (query.has_edns && query.edns.dnssec_ok);
}

size_t reply_limit(const Query& query) {
  if (query.transport == Transport::Tcp) return kMaxTcpReply;
  if (!query.has_edns) return 512;
  return std::clamp<size_t>(query.edns.udp_size, 512, kMaxUdpReply);
}

size_t render(const Query& query, const Answer& answer, std::span<uint8_t> out) {
  out = within_limit(query, out);
  Renderer reply(query, answer.record_class, options_for(query, answer, out.size()), out);
  reply.question();
  ReplyHeader head;
  const bool whole = reply.section(answer, Section::Answer, head.answers) &&
                     reply.section(answer, Section::Authority, head.authorities) &&
                     reply.section(answer, Section::Additional, head.additionals);
  reply.opt(answer.rcode);
  if (query.has_edns) ++head.additionals;
  head.flags = static_cast<uint16_t>(
      flag(answer.authoritative, 0x0400) | flag(answer.truncated || !whole, 0x0200) |
      flag(answer.recursion_desired.value_or(query.recursion_desired), 0x0100) |
      flag(answer.recursion_available, 0x0080) | flag(answer.authentic_data, 0x0020) |
      flag(query.checking_disabled, 0x0010) | (static_cast<uint32_t>(answer.rcode) & 0xf));
  reply.header(head);
  return reply.size();
}

size_t readdress(const Query& query, Rcode rcode, size_t size, std::span<uint8_t> out) {
  constexpr uint8_t kAa = 0x04;
  constexpr uint8_t kRa = 0x80;
  constexpr uint8_t kAd = 0x20;
  Writer head{out};
  head.put16(query.id);
  out[2] = static_cast<uint8_t>(0x80 | static_cast<uint32_t>(query.opcode) << 3 | (out[2] & kAa) |
                                (query.recursion_desired ? 0x01 : 0));
  out[3] = static_cast<uint8_t>((out[3] & (kRa | (understands_ad(query) ? kAd : 0))) |
                                (query.checking_disabled ? 0x10 : 0) |
                                (static_cast<uint32_t>(rcode) & 0xf));
  Writer question{out, kHeaderSize};
  question.put(query.qname);
  question.put16(static_cast<uint16_t>(query.qtype));
  if (!query.has_edns) return size;
  Writer writer{out, size};
  put_opt(writer, query, rcode, {});
  const auto additionals = static_cast<uint16_t>((out[10] << 8 | out[11]) + 1);
  out[10] = static_cast<uint8_t>(additionals >> 8);
  out[11] = static_cast<uint8_t>(additionals);
  return writer.at;
}

size_t render_refusal(const Query& query, Rcode rcode, std::span<uint8_t> out) {
  Renderer reply(query, RrClass::In, {}, within_limit(query, out));
  reply.question();
  ReplyHeader head;
  reply.opt(rcode);
  if (query.has_edns) ++head.additionals;
  if (query.has_tsig && reply.tsig_bad_key()) ++head.additionals;
  const bool standard = query.opcode == Opcode::Query;
  head.flags = static_cast<uint16_t>(flag(standard && query.recursion_desired, 0x0100) |
                                     flag(standard && query.checking_disabled, 0x0010) |
                                     (static_cast<uint32_t>(rcode) & 0xf));
  reply.header(head);
  return reply.size();
}

}  // namespace fairlead::dns
