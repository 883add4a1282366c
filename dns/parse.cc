#include "dns/parse.h"

#include <algorithm>
#include <array>
#include <optional>

#include "dns/edns_option.h"
#include "dns/plain_name.h"
#include "dns/record_reader.h"
#include "dns/tsig_record.h"

namespace fairlead::dns {
namespace {

// A name of kMaxNameSize octets has kMaxLabels labels at most.
void read_question(Reader& in, Query& query) {
  size_t labels = 0;
  const NameView name =
      read_plain_name(in, [&](size_t at) { query.label_at[labels++] = static_cast<uint8_t>(at); });
  query.label_count = static_cast<uint8_t>(labels);
  query.qtype = static_cast<RrType>(in.u16());
  query.qclass = static_cast<RrClass>(in.u16());
  if (in.ok) query.set_folded(name);
}

// What Fairlead does not know is not echoed (RFC 6891 §6.1.2), but it must be whole.
bool read_options(std::span<const uint8_t> options, Query& query) {
  OptionReader reader(options);
  while (const auto option = reader.next()) {
    if (option->code == OptionCode::TcpKeepalive && query.transport == Transport::Tcp) {
      if (!option->data.empty()) return false;
      query.edns.tcp_keepalive = true;
    }
  }
  query.edns.options = options;
  return reader.left().empty();
}

bool read_opt(std::span<const uint8_t> packet, const RecordAt& record, Query& query) {
  const bool root_owner = packet[record.owner_at] == 0;
  if (query.has_edns || !root_owner) return false;
  query.has_edns = true;
  query.edns.udp_size = record.rr_class;
  query.edns.version = static_cast<uint8_t>(record.ttl >> 16);
  query.edns.dnssec_ok = (record.ttl & 0x8000) != 0;
  // Nobody knows how the options of another version look.
  return query.edns.version != 0 ||
         read_options(packet.subspan(record.rdata_at, record.rdata_size), query);
}

bool take_tsig(std::span<const uint8_t> packet, const RecordAt& record, Query& query) {
  const std::optional<Tsig> tsig = read_tsig(packet, record);
  if (tsig) query.tsig = *tsig;
  return query.has_tsig = tsig.has_value();
}

// Which version of the zone the client has. The names in front of the numbers mean nothing here.
void read_soa(std::span<const uint8_t> packet, const RecordAt& record, Query& query) {
  constexpr size_t kNumbers = 20;
  if (record.rdata_size < kNumbers + 2) return;
  Reader in{packet, record.rdata_at + record.rdata_size - kNumbers};
  query.soa_serial = static_cast<uint32_t>(in.u16()) << 16;
  query.soa_serial |= in.u16();
  query.has_soa = true;
}

bool read_records(const Reader& in, const RecordReader::Counts& counts, Query& query) {
  RecordReader records(in, counts);
  for (RecordAt record; records.next(record);) {
    const bool additional = record.section == Section::Additional;
    bool fits = true;
    if (record.type == RrType::Opt) fits = additional && read_opt(in.packet, record, query);
    if (record.type == RrType::Tsig)
      fits = additional && records.left() == 0 && take_tsig(in.packet, record, query);
    if (record.type == RrType::Soa && record.section == Section::Authority)
      read_soa(in.packet, record, query);
    if (!fits) return false;
  }
  return records.ok();
}

void reset(Query& query, Transport transport, size_t size) {
  query.transport = transport;
  query.size = static_cast<uint16_t>(size);
  query.has_question = query.has_edns = query.has_tsig = query.has_soa = false;
  query.edns = Edns{};
  query.label_count = 0;
}

// No view of an earlier packet may stay behind.
Parsed refuse(Query& query, Rcode rcode) {
  static constexpr std::array<uint8_t, 1> kRoot{};
  query.set_name(kRoot);
  query.has_question = query.has_edns = query.has_tsig = false;
  query.edns.options = {};
  return {Verdict::Refuse, rcode};
}

}  // namespace

Parsed parse_query(std::span<const uint8_t> packet, Transport transport, Query& query) {
  reset(query, transport, packet.size());
  if (packet.size() < kHeaderSize || packet.size() > 65535) return {Verdict::Drop};
  const auto u16 = [packet](size_t at) {
    return static_cast<uint16_t>(packet[at] << 8 | packet[at + 1]);
  };
  query.id = u16(0);
  const uint16_t flags = u16(2);
  if ((flags & 0x8000) != 0) return {Verdict::Drop};  // a response: answering it could start a loop
  query.opcode = static_cast<Opcode>(flags >> 11 & 0xf);
  query.recursion_desired = (flags & 0x0100) != 0;
  query.authentic_data = (flags & 0x0020) != 0;
  query.checking_disabled = (flags & 0x0010) != 0;
  if (query.opcode != Opcode::Query && query.opcode != Opcode::Notify)
    return refuse(query, Rcode::NotImp);

  const RecordReader::Counts counts{u16(6), u16(8), u16(10)};
  if (u16(4) != 1 || counts[0] > 1 || counts[1] > 1 || counts[2] > 2)
    return refuse(query, Rcode::FormErr);
  Reader in{packet, kHeaderSize};
  read_question(in, query);
  if (!read_records(in, counts, query)) return refuse(query, Rcode::FormErr);
  query.has_question = true;
  if (query.has_tsig)
    return {Verdict::Refuse, Rcode::NotAuth};  // unless a block knows keys (RFC 8945 §5.2.1)
  if (query.has_edns && query.edns.version != 0) return {Verdict::Refuse, Rcode::BadVers};
  return {query.opcode == Opcode::Notify ? Verdict::Notify : Verdict::Answer};
}

}  // namespace fairlead::dns
