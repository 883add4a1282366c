// How the rdata of a type is written in the text of zone files, field by field, and what the fields
// are called in messages. Internal to dns/.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>

#include "dns/rdata_form.h"
#include "dns/types.h"

namespace fairlead::dns {

/// By number. What is not here has the form of unknown types alone (RFC 3597 §5).
inline constexpr auto kForms = [] {
  using enum RdataForm;
  // SIG and RRSIG (RFC 4034 §3.2).
  const std::initializer_list<FormField> signature{
      {Type, "TypeCovered"}, {Algorithm, "Algorithm"}, {U8, "Labels"},
      {U32, "OrigTtl"},      {Time, "Expiration"},     {Time, "Inception"},
      {U16, "KeyTag"},       {Name, "SignerName"},     {Base64, "Signature"}};
  return std::to_array<FormOfType>({
      {1, {{Address4, "A"}}},
      {2, {{Name, "Ns"}}},
      {3, {{Name, "Md"}}},
      {4, {{Name, "Mf"}}},
      {5, {{Name, "Target"}}},
      {6,
       {{Name, "Ns"},
        {Name, "Mbox"},
        {U32, "zone parameter"},
        {Period, "zone parameter"},
        {Period, "zone parameter"},
        {Period, "zone parameter"},
        {Period, "zone parameter"}}},
      {7, {{Name, "Mb"}}},
      {8, {{Name, "Mg"}}},
      {9, {{Name, "Mr"}}},
      {12, {{Name, "Ptr"}}},
      {13, {{HostInfo, "Fields"}}},
      {14, {{Name, "Rmail"}, {Name, "Email"}}},
      {15, {{U16, "Pref"}, {Name, "Mx"}}},
      {16, {{Strings, "Txt"}}},
      {17, {{Name, "Mbox"}, {Name, "Txt"}}},
      {18, {{U16, "Subtype"}, {Name, "Hostname"}}},
      {19, {{String, "PSDNAddress"}}},
      {20, {{Strings, "Address"}}},
      {21, {{U16, "Preference"}, {Name, "Host"}}},
      {23, {{Name, "Ptr"}}},
      {24, signature},
      {25, {{U16, "Flags"}, {U8, "Protocol"}, {Algorithm, "Algorithm"}, {Base64, "PublicKey"}}},
      {26, {{U16, "Preference"}, {Name, "Map822"}, {Name, "Mapx400"}}},
      {27, {{String, "Longitude"}, {String, "Latitude"}, {String, "Altitude"}}},
      {28, {{Address6, "AAAA"}}},
      {29, {{Location, "location"}}},
      {30, {{Name, "NextDomain"}, {LowTypes, "TypeBitMap"}}},
      {31, {{Hex, "Endpoint"}}},
      {32, {{Hex, "Locator"}}},
      {33, {{U16, "Priority"}, {U16, "Weight"}, {U16, "Port"}, {Name, "Target"}}},
      {35,
       {{U16, "Order"},
        {U16, "Preference"},
        {String, "Flags"},
        {String, "Service"},
        {String, "Regexp"},
        {Name, "Replacement"}}},
      {36, {{U16, "Pref"}, {Name, "Exchanger"}}},
      {37,
       {{CertificateType, "Type"},
        {U16, "KeyTag"},
        {Algorithm, "Algorithm"},
        {Base64, "Certificate"}}},
      {39, {{Name, "Target"}}},
      {42, {{Prefixes, "prefix"}}},
      {43, {{U16, "KeyTag"}, {Algorithm, "Algorithm"}, {U8, "DigestType"}, {Hex, "Digest"}}},
      {44, {{U8, "Algorithm"}, {U8, "Type"}, {Hex, "FingerPrint"}}},
      {45, {{IpsecKey, "key"}}},
      {46, signature},
      {47, {{Name, "NextDomain"}, {Types, "TypeBitMap"}}},
      {48, {{U16, "Flags"}, {U8, "Protocol"}, {Algorithm, "Algorithm"}, {Base64, "PublicKey"}}},
      {49, {{Base64, "Digest"}}},
      {50,
       {{U8, "Hash"},
        {U8, "Flags"},
        {U16, "Iterations"},
        {HexWord, "Salt"},
        {Base32Word, "NextDomain"},
        {Types, "TypeBitMap"}}},
      {51, {{U8, "Hash"}, {U8, "Flags"}, {U16, "Iterations"}, {HexWord, "Salt"}}},
      {52, {{U8, "Usage"}, {U8, "Selector"}, {U8, "MatchingType"}, {Hex, "Certificate"}}},
      {53, {{U8, "Usage"}, {U8, "Selector"}, {U8, "MatchingType"}, {Hex, "Certificate"}}},
      {55, {{HostIdentity, "identity"}}},
      {56, {{Strings, "ZSData"}}},
      {57, {{U16, "Flags"}, {U8, "Protocol"}, {Algorithm, "Algorithm"}, {Base64, "PublicKey"}}},
      {58, {{Name, "PreviousName"}, {Name, "NextName"}}},
      {59, {{U16, "KeyTag"}, {Algorithm, "Algorithm"}, {U8, "DigestType"}, {Hex, "Digest"}}},
      {60, {{U16, "Flags"}, {U8, "Protocol"}, {Algorithm, "Algorithm"}, {Base64, "PublicKey"}}},
      {61, {{Base64, "PublicKey"}}},
      {62, {{U32, "Serial"}, {U16, "Flags"}, {Types, "TypeBitMap"}}},
      {63, {{U32, "Serial"}, {U8, "Scheme"}, {U8, "Hash"}, {Hex, "Digest"}}},
      {64, {{U16, "Priority"}, {Name, "Target"}, {Params, "Value"}}},
      {65, {{U16, "Priority"}, {Name, "Target"}, {Params, "Value"}}},
      {99, {{Strings, "Txt"}}},
      {100, {{Strings, "Uinfo"}}},
      {101, {{U32, "Uid"}}},
      {102, {{U32, "Gid"}}},
      {104, {{U16, "Preference"}, {Locator, "NodeID"}}},
      {105, {{U16, "Preference"}, {Address4, "Locator32"}}},
      {106, {{U16, "Preference"}, {Locator, "Locator64"}}},
      {107, {{U16, "Preference"}, {Name, "Fqdn"}}},
      {108, {{Eui48, "Address"}}},
      {109, {{Eui64, "Address"}}},
      {256, {{U16, "Priority"}, {U16, "Weight"}, {Text, "Target"}}},
      {257, {{U8, "Flag"}, {Tag, "Tag"}, {Text, "Value"}}},
      {258, {{Strings, "Txt"}}},
      {260, {{Relay, "relay"}}},
      {261, {{Strings, "Txt"}}},
      {32768, {{U16, "KeyTag"}, {Algorithm, "Algorithm"}, {U8, "DigestType"}, {Hex, "Digest"}}},
      {32769, {{U16, "KeyTag"}, {Algorithm, "Algorithm"}, {U8, "DigestType"}, {Hex, "Digest"}}},
  });
}();

/// Null for a type that has no form of its own.
constexpr const FormOfType* find_form(RrType type) {
  const auto number = static_cast<uint16_t>(type);
  const auto at = std::ranges::lower_bound(kForms, number, {}, &FormOfType::number);
  return at != kForms.end() && at->number == number ? &*at : nullptr;
}

}  // namespace fairlead::dns
