#include "dns/tsig_record.h"

#include "dns/plain_name.h"
#include "dns/reader.h"

namespace fairlead::dns {
namespace {

// As many octets as the number in front of them says.
std::span<const uint8_t> read_octets(Reader& in) {
  const size_t size = in.u16();
  const size_t at = in.at;
  in.skip(size);
  return in.ok ? in.packet.subspan(at, size) : std::span<const uint8_t>();
}

}  // namespace

// RFC 8945 §4.2 and §5.1: the last record, class ANY, TTL 0, and its rdata exactly as long as it
// says.
std::optional<Tsig> read_tsig(std::span<const uint8_t> packet, const RecordAt& record) {
  if (record.rr_class != static_cast<uint16_t>(RrClass::Any) || record.ttl != 0)
    return std::nullopt;
  Tsig tsig;
  Reader owner{packet, record.owner_at};
  const NameView key_name = read_plain_name(owner);
  if (owner.ok) tsig.key_name = key_name;
  Reader in{packet.first(record.rdata_at + record.rdata_size), record.rdata_at};
  tsig.algorithm = read_plain_name(in);
  for (uint8_t& octet : tsig.time_and_fudge) octet = in.u8();
  tsig.mac = read_octets(in);
  tsig.original_id = in.u16();
  tsig.error = in.u16();
  tsig.other = read_octets(in);
  tsig.at = record.owner_at;
  if (!in.ok || in.at != in.packet.size()) return std::nullopt;
  return tsig;
}

std::optional<Tsig> find_tsig(std::span<const uint8_t> message) {
  Tsig none;
  RecordReader records(message);
  for (RecordAt record; records.next(record);) {
    if (record.type != RrType::Tsig) continue;
    if (record.section != Section::Additional || records.left() != 0) return std::nullopt;
    return read_tsig(message, record);
  }
  if (!records.ok()) return std::nullopt;
  return none;
}

}  // namespace fairlead::dns
