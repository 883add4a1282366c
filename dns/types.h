// The numbers of the protocol: record types, classes, response codes, opcodes (RFC 1035, IANA "DNS
// Parameters").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::dns {

/// A record type as it stands in a packet. Values without a name here are legal: any 16-bit number
/// may be asked.
enum class RrType : uint16_t {
  A = 1,
  Ns = 2,
  Cname = 5,
  Soa = 6,
  Ptr = 12,
  Hinfo = 13,
  Mx = 15,
  Txt = 16,
  Aaaa = 28,
  Srv = 33,
  Dname = 39,
  Opt = 41,
  Ds = 43,
  Rrsig = 46,
  Nsec = 47,
  Dnskey = 48,
  Nsec3 = 50,
  Cds = 59,
  Cdnskey = 60,
  Svcb = 64,
  Https = 65,
  Nxname = 128,
  Tsig = 250,
  Ixfr = 251,
  Axfr = 252,
  Any = 255,
};

enum class RrClass : uint16_t { In = 1, Ch = 3, Hs = 4, None = 254, Any = 255 };

/// Response codes. The ones above 15 need an OPT record in the reply (RFC 6891 §6.1.3).
enum class Rcode : uint16_t {
  NoError = 0,
  FormErr = 1,
  ServFail = 2,
  NxDomain = 3,
  NotImp = 4,
  Refused = 5,
  NotAuth = 9,
  BadVers = 16,
};

enum class Opcode : uint8_t { Query = 0, Notify = 4, Update = 5 };

enum class Section : uint8_t { Answer, Authority, Additional };

enum class Transport : uint8_t { Udp, Tcp };

/// Presentation form: "A", "AAAA", …; "TYPE666" for a type without a name here (RFC 3597 §5).
std::string to_text(RrType type);

/// "IN", "CH", …; "CLASS7" for others (RFC 3597 §5).
std::string to_text(RrClass rr_class);

/// "NOERROR", "NXDOMAIN", …; "RCODE23" for codes without a name.
std::string to_text(Rcode rcode);

/// Reads what to_text(RrType) writes, in any case. Empty when the text names no type.
std::optional<RrType> rr_type_from_text(std::string_view text);

}  // namespace fairlead::dns
