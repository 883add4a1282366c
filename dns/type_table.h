// What is known of record types: number, mnemonic, and what their rdata consists of (IANA "Resource
// Record (RR) TYPEs"). The one place where types are listed. Internal to dns/.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dns/rdata_layout.h"
#include "dns/types.h"

namespace fairlead::dns {

struct TypeInfo {
  uint16_t number;
  std::string_view mnemonic;
  RdataLayout layout{RdataField::Opaque};
};

/// By number. A type without a layout here is taken as it is.
inline constexpr auto kTypes = [] {
  using enum RdataField;
  constexpr RdataLayout kName{CompressibleName};
  constexpr RdataLayout kSoa{CompressibleName, CompressibleName, U32, U32, U32, U32, U32};
  constexpr RdataLayout kExchange{U16, WholeName};
  constexpr RdataLayout kDigest{U16, U8, U8, Octets};
  constexpr RdataLayout kNaptr{U16, U16, String, String, String, WholeName};
  constexpr RdataLayout kRrsig{U16, U8, U8, U32, U32, U32, U16, PlainName, Octets};
  constexpr RdataLayout kNsec3{U8, U8, U16, String, String, TypeBitmap};
  constexpr RdataLayout kService{U16, PlainName, Opaque};
  return std::to_array<TypeInfo>({
      {1, "A", {Address4}},
      {2, "NS", kName},
      {3, "MD", kName},
      {4, "MF", kName},
      {5, "CNAME", kName},
      {6, "SOA", kSoa},
      {7, "MB", kName},
      {8, "MG", kName},
      {9, "MR", kName},
      {10, "NULL"},
      {12, "PTR", kName},
      {13, "HINFO", {String, String}},
      {14, "MINFO", {CompressibleName, CompressibleName}},
      {15, "MX", {U16, CompressibleName}},
      {16, "TXT", {Strings}},
      {17, "RP", {WholeName, WholeName}},
      {18, "AFSDB", kExchange},
      {19, "X25"},
      {20, "ISDN"},
      {21, "RT", kExchange},
      {23, "NSAP-PTR"},
      {24, "SIG"},
      {25, "KEY"},
      {26, "PX", {U16, WholeName, WholeName}},
      {27, "GPOS"},
      {28, "AAAA", {Address6}},
      {29, "LOC"},
      {30, "NXT"},
      {31, "EID"},
      {32, "NIMLOC"},
      {33, "SRV", {U16, U16, U16, WholeName}},
      {34, "ATMA"},
      {35, "NAPTR", kNaptr},
      {36, "KX", kExchange},
      {37, "CERT"},
      {39, "DNAME", {WholeName}},
      {41, "OPT"},
      {42, "APL"},
      {43, "DS", kDigest},
      {44, "SSHFP"},
      {45, "IPSECKEY"},
      {46, "RRSIG", kRrsig},
      {47, "NSEC", {PlainName, TypeBitmap}},
      {48, "DNSKEY", kDigest},
      {49, "DHCID"},
      {50, "NSEC3", kNsec3},
      {51, "NSEC3PARAM", {U8, U8, U16, String}},
      {52, "TLSA"},
      {53, "SMIMEA"},
      {55, "HIP"},
      {56, "NINFO"},
      {57, "RKEY"},
      {58, "TALINK"},
      {59, "CDS", kDigest},
      {60, "CDNSKEY", kDigest},
      {61, "OPENPGPKEY"},
      {62, "CSYNC"},
      {63, "ZONEMD"},
      {64, "SVCB", kService},
      {65, "HTTPS", kService},
      {99, "SPF", {Strings}},
      {100, "UINFO"},
      {101, "UID"},
      {102, "GID"},
      {103, "UNSPEC"},
      {104, "NID"},
      {105, "L32"},
      {106, "L64"},
      {107, "LP"},
      {108, "EUI48"},
      {109, "EUI64"},
      {128, "NXNAME"},
      {249, "TKEY"},
      {250, "TSIG"},
      {251, "IXFR"},
      {252, "AXFR"},
      {253, "MAILB"},
      {254, "MAILA"},
      {255, "ANY"},
      {256, "URI"},
      {257, "CAA"},
      {258, "AVC"},
      {260, "AMTRELAY"},
      {261, "RESINFO", {Strings}},
      {32768, "TA"},
      {32769, "DLV"},
  });
}();

/// Where a type stands in kTypes, 0 for those that are not listed: all numbers but the last ones.
inline constexpr auto kTypePlaces = [] {
  std::array<uint8_t, 261> places{};
  for (size_t i = 0; i < kTypes.size(); ++i) {
    if (kTypes[i].number < places.size()) places[kTypes[i].number] = static_cast<uint8_t>(i + 1);
  }
  return places;
}();

/// Null for a type that is not listed.
constexpr const TypeInfo* find_type(RrType type) {
  const auto number = static_cast<uint16_t>(type);
  if (number < kTypePlaces.size()) {
    const size_t place = kTypePlaces[number];
    return place == 0 ? nullptr : &kTypes[place - 1];
  }
  for (size_t i = kTypes.size(); i > 0 && kTypes[i - 1].number >= number; --i) {
    if (kTypes[i - 1].number == number) return &kTypes[i - 1];
  }
  return nullptr;
}

inline constexpr RdataLayout kOpaqueLayout{RdataField::Opaque};

constexpr const RdataLayout& layout_of(RrType type) {
  const TypeInfo* info = find_type(type);
  return info == nullptr ? kOpaqueLayout : info->layout;
}

}  // namespace fairlead::dns
