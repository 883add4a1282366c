// The OPT record of a reply (RFC 6891 §6.1.2–3). Internal to rendering.
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

/// `options` stand behind those that the query itself asks for.
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
