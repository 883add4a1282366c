// What all ways to write a reply have in common. Internal to rendering.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dns/edns_option.h"
#include "dns/query.h"
#include "dns/render.h"
#include "dns/types.h"
#include "dns/writer.h"

namespace fairlead::dns {

struct ReplyHeader {
  uint16_t flags = 0;  // besides QR and the opcode
  uint16_t answers = 0;
  uint16_t authorities = 0;
  uint16_t additionals = 0;
};

/// kHeaderSize octets (RFC 1035 §4.1.1).
inline void put_header(uint8_t* at, const Query& query, const ReplyHeader& header) {
  at = put16(at, query.id);
  at = put16(at, 0x8000U | static_cast<uint32_t>(query.opcode) << 11 | header.flags);
  at = put16(at, query.has_question ? 1 : 0);
  put16(put16(put16(at, header.answers), header.authorities), header.additionals);
}

/// What stands in front of the rdata of a record of class IN whose owner is a pointer: 12 octets
/// (RFC 1035 §4.1.3). Returns what lies behind.
inline uint8_t* put_record_head(uint8_t* at, uint16_t owner, RrType type, uint32_t ttl,
                                size_t rdata_size) {
  at = put16(put16(at, owner), static_cast<uint32_t>(type));
  at = put32(put16(at, static_cast<uint32_t>(RrClass::In)), ttl);
  return put16(at, static_cast<uint32_t>(rdata_size));
}

/// The OPT record (RFC 6891 §6.1.2–3). `options` stand behind those that the query itself asks for.
inline void put_opt(Writer& writer, const Query& query, Rcode rcode,
                    std::span<const uint8_t> options) {
  const size_t keepalive = query.edns.tcp_keepalive ? kOptionHead + 2 : 0;
  const auto octet = [](uint32_t value) { return static_cast<uint8_t>(value); };
  const auto type = static_cast<uint32_t>(RrType::Opt);
  const auto size = static_cast<uint32_t>(keepalive + options.size());
  const std::array<uint8_t, 11> head{0,  // the root
                                     octet(type >> 8),
                                     octet(type),
                                     octet(kMaxUdpReply >> 8),
                                     octet(kMaxUdpReply),
                                     octet(static_cast<uint32_t>(rcode) >> 4),  // extended rcode
                                     0,                                         // version
                                     octet(query.edns.dnssec_ok ? 0x80 : 0),
                                     0,
                                     octet(size >> 8),
                                     octet(size)};
  writer.put(head);
  if (keepalive != 0) {
    writer.put16(static_cast<uint32_t>(OptionCode::TcpKeepalive));
    writer.put16(2);
    writer.put16(query.edns.idle_limit);
  }
  writer.put(options);
}

}  // namespace fairlead::dns
