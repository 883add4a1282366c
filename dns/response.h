// What is asked of an upstream, and what it said: our query as octets, its reply as an Answer. Own
// code, because the bytes are hostile: every read is bounded, nothing recurses.
#pragma once

#include <cstdint>
#include <span>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/types.h"

namespace fairlead::dns {

/// One question to an upstream. `qname` is a view into memory of the caller.
struct Question {
  NameView qname;  // case as it is sent and must come back (compared without regard to case)
  RrType qtype = RrType::A;
  RrClass qclass = RrClass::In;  // records of another one are not taken
  bool recursion_desired = true;
  bool checking_disabled = false;
  bool authentic_data = false;  // ask for the AD bit (RFC 6840 §5.7)
  bool dnssec_ok = false;       // the DO bit; needs EDNS

  /// Of the OPT record, as in its rdata; whole options of kMaxUpstreamOptions octets at most. A
  /// view into memory of the caller; needs EDNS.
  std::span<const uint8_t> options;
};

inline constexpr size_t kMaxUpstreamOptions = 512;

/// No query that write_query() makes is larger: header, 255 octets of name, type, class, OPT.
inline constexpr size_t kMaxUpstreamQuery = 12 + 255 + 4 + 11 + kMaxUpstreamOptions;

/// The EDNS size that upstreams are offered (RFC 9715).
inline constexpr uint16_t kUpstreamUdpSize = 1232;

/// Writes a query of class IN with `id`; with an OPT record (version 0, kUpstreamUdpSize, DO as
/// asked) when `edns`. `out` needs kMaxUpstreamQuery octets. Returns the size.
size_t write_query(const Question& question, uint16_t id, bool edns, std::span<uint8_t> out);

enum class ResponseVerdict : uint8_t {
  Ours,       // read whole; the Answer holds what belongs to the question
  NotOurs,    // not a response, another id, opcode or question: the real one may still come
  Malformed,  // ours by id and question, but not readable
};

/// Why a message was not taken: the `reason` label of a counter.
enum class ResponseFault : uint8_t {
  None,
  Short,        // no whole header
  NotResponse,  // QR clear, or an opcode other than QUERY
  Id,
  Question,  // another name, type or class, or not exactly one question
  Name,      // a name that cannot be read: loop, label type, over 255 octets
  Record,    // a record or count that passes the end
  Rdata,     // rdata that is not what its type says
  Edns,      // two OPT records, or one that cannot be read
};
inline constexpr size_t kResponseFaults = 9;
const char* to_text(ResponseFault fault);  // "short", "not_response", …

struct Response {
  ResponseVerdict verdict = ResponseVerdict::NotOurs;
  ResponseFault fault = ResponseFault::None;
  bool truncated = false;  // TC: the Answer holds what came, maybe nothing
  bool has_edns = false;
};

/// Reads what an upstream sent for `question`, asked with `id`. A reply without a question section
/// is taken when its rcode is FORMERR, NOTIMP, REFUSED or SERVFAIL (some servers leave it out).
///
/// `answer` is cleared and gets the rcode (with the OPT's upper bits), the flags AA, RA, AD and TC,
/// and of the records only what belongs to the question:
/// - the chain from the qname over CNAME and DNAME, at most kMaxChain links, in chain order
///   whatever the order in the packet, and the records of the qtype at its end (all of them for
///   ANY); RRSIGs of these when `dnssec_ok`;
/// - when the chain does not end in the qtype: the SOA and, with `dnssec_ok`, NSEC, NSEC3 and their
///   RRSIGs in the authority section, whose owner is at or above the chain's last name (RFC 2308
///   §2, 2181 §5.4.1; NSEC and NSEC3 at or below the SOA's owner); NS records there when there is
///   no SOA (a referral); with `dnssec_ok` NSEC(3) and RRSIG of a wildcard's proof stay in any
///   case;
/// - nothing of the additional section.
/// Records of other classes are left out. The records of one RRset get its smallest TTL; a TTL with
/// the top bit set is 0 (RFC 2181 §8). Names in rdata are uncompressed (RFC 3597 §4). After
/// Malformed or NotOurs the answer is empty.
Response read_response(std::span<const uint8_t> packet, uint16_t id, const Question& question,
                       Answer& answer);

/// Links of CNAME or DNAME that are followed within one response; what comes later is left out.
inline constexpr size_t kMaxChain = 16;

}  // namespace fairlead::dns
