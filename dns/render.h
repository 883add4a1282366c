// Answer -> octets: sections, compression, truncation, the OPT record.
#pragma once

#include <cstdint>
#include <span>

#include "dns/answer.h"
#include "dns/query.h"

namespace fairlead::dns {

/// The largest reply Fairlead sends over UDP, whatever the client offers (RFC 9715, "DNS flag day
/// 2020").
inline constexpr size_t kMaxUdpReply = 1232;
inline constexpr size_t kMaxTcpReply = 65535;

/// How many octets a reply to `query` may have: 512 without EDNS (RFC 1035 §4.2.1), the client's
/// size clamped to [512, kMaxUdpReply] with it, kMaxTcpReply over TCP.
size_t reply_limit(const Query& query);

/// Writes the reply to `query`. `out` needs reply_limit(query) octets; a smaller buffer is a
/// smaller limit, but at least 512. What does not fit is left out from the end, TC set: additional
/// records first, then authority, then answers one by one (RFC 2181 §9 lets a partial RRset stay;
/// resolvers that do not retry over TCP live on it). The question and OPT always stay.
///
/// The answer's options go into the OPT record, for which a client without one is not sent any (RFC
/// 6891 §6.1.1). Their room is set aside before records are written; they are all left out when
/// they take more than half of the limit, or what the question needs. Returns the size.
size_t render(const Query& query, const Answer& answer, std::span<uint8_t> out);

/// The octets that the OPT record of a reply to `query` takes, without an answer's options.
size_t opt_size(const Query& query);

/// True when the client can make use of the AD bit (RFC 6840 §5.7, §5.8).
bool understands_ad(const Query& query);

/// Makes `out[0, size)` the reply to `query`: its id, opcode, RD and CD, its question, AD only when
/// understands_ad(), and behind it the OPT record, if any. What is there must be a reply to a
/// question for the same name, letter case aside, that render() wrote whole and without OPT; `out`
/// has opt_size(query) octets more. Returns the new size.
size_t readdress(const Query& query, Rcode rcode, size_t size, std::span<uint8_t> out);

/// Writes a reply without records: a refusal of a packet that was not (fully) understood. The
/// question is repeated when `query.has_question`. An opcode other than QUERY gets no flags but QR
/// (ednscomp "opcodeflg").
size_t render_refusal(const Query& query, Rcode rcode, std::span<uint8_t> out);

}  // namespace fairlead::dns
