// How the rdata of a type is written in the text of zone files, field by field, and what the fields
// are called in messages. Internal to dns/.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "dns/types.h"

namespace fairlead::dns {

enum class RdataForm : uint8_t {
  None,
  U8,
  U16,
  U32,
  Period,  // seconds, or with units: 1h30m
  Time,    // YYYYMMDDHHmmSS, or seconds since 1970 (RFC 4034 §3.2)
  Address4,
  Address6,
  Name,
  String,      // one character-string
  Strings,     // all that follow; those longer than 255 octets become several
  Tag,         // letters and digits, with their length (RFC 8659 §4.1)
  Text,        // one string without its length, up to the end
  Hex,         // all words that follow, together
  HexWord,     // one word with the length of its octets; "-" for none
  Base64,      // all words that follow, together
  Base32Word,  // one word with the length of its octets (RFC 5155 §3.3)
  Type,
  Types,   // all that follow, as a bitmap (RFC 4034 §4.1.2)
  Params,  // all that follow, KEY=VALUE (RFC 9460 §2.1)
};

struct FormField {
  RdataForm form = RdataForm::None;
  std::string_view name;
};

/// The fields of one type, in order. Iterable.
struct FormOfType {
  constexpr FormOfType(uint16_t number_, std::initializer_list<FormField> fields_)
      : number(number_), size(static_cast<uint8_t>(fields_.size())) {
    std::ranges::copy(fields_, fields.begin());
  }
  [[nodiscard]] constexpr const FormField* begin() const { return fields.data(); }
  [[nodiscard]] constexpr const FormField* end() const { return fields.data() + size; }

  uint16_t number;
  uint8_t size;
  std::array<FormField, 9> fields{};
};

/// By number. What is not here has the form of unknown types alone (RFC 3597 §5).
inline constexpr auto kForms = [] {
  using enum RdataForm;
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
      {13, {{String, "Cpu"}, {String, "Os"}}},
      {14, {{Name, "Rmail"}, {Name, "Email"}}},
      {15, {{U16, "Pref"}, {Name, "Mx"}}},
      {16, {{Strings, "Txt"}}},
      {17, {{Name, "Mbox"}, {Name, "Txt"}}},
      {18, {{U16, "Subtype"}, {Name, "Hostname"}}},
      {19, {{String, "PSDNAddress"}}},
      {21, {{U16, "Preference"}, {Name, "Host"}}},
      {28, {{Address6, "AAAA"}}},
      {33, {{U16, "Priority"}, {U16, "Weight"}, {U16, "Port"}, {Name, "Target"}}},
      {35,
       {{U16, "Order"},
        {U16, "Preference"},
        {String, "Flags"},
        {String, "Service"},
        {String, "Regexp"},
        {Name, "Replacement"}}},
      {36, {{U16, "Pref"}, {Name, "Exchanger"}}},
      {37, {{U16, "Type"}, {U16, "KeyTag"}, {U8, "Algorithm"}, {Base64, "Certificate"}}},
      {39, {{Name, "Target"}}},
      {43, {{U16, "KeyTag"}, {U8, "Algorithm"}, {U8, "DigestType"}, {Hex, "Digest"}}},
      {44, {{U8, "Algorithm"}, {U8, "Type"}, {Hex, "FingerPrint"}}},
      {46,
       {{Type, "TypeCovered"},
        {U8, "Algorithm"},
        {U8, "Labels"},
        {U32, "OrigTtl"},
        {Time, "Expiration"},
        {Time, "Inception"},
        {U16, "KeyTag"},
        {Name, "SignerName"},
        {Base64, "Signature"}}},
      {47, {{Name, "NextDomain"}, {Types, "TypeBitMap"}}},
      {48, {{U16, "Flags"}, {U8, "Protocol"}, {U8, "Algorithm"}, {Base64, "PublicKey"}}},
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
      {56, {{Strings, "ZSData"}}},
      {58, {{Name, "PreviousName"}, {Name, "NextName"}}},
      {59, {{U16, "KeyTag"}, {U8, "Algorithm"}, {U8, "DigestType"}, {Hex, "Digest"}}},
      {60, {{U16, "Flags"}, {U8, "Protocol"}, {U8, "Algorithm"}, {Base64, "PublicKey"}}},
      {61, {{Base64, "PublicKey"}}},
      {62, {{U32, "Serial"}, {U16, "Flags"}, {Types, "TypeBitMap"}}},
      {63, {{U32, "Serial"}, {U8, "Scheme"}, {U8, "Hash"}, {Hex, "Digest"}}},
      {64, {{U16, "Priority"}, {Name, "Target"}, {Params, "Value"}}},
      {65, {{U16, "Priority"}, {Name, "Target"}, {Params, "Value"}}},
      {99, {{Strings, "Txt"}}},
      {107, {{U16, "Preference"}, {Name, "Fqdn"}}},
      {256, {{U16, "Priority"}, {U16, "Weight"}, {Text, "Target"}}},
      {257, {{U8, "Flag"}, {Tag, "Tag"}, {Text, "Value"}}},
      {258, {{Strings, "Txt"}}},
      {32768, {{U16, "KeyTag"}, {U8, "Algorithm"}, {U8, "DigestType"}, {Hex, "Digest"}}},
      {32769, {{U16, "KeyTag"}, {U8, "Algorithm"}, {U8, "DigestType"}, {Hex, "Digest"}}},
  });
}();

/// Null for a type that has no form of its own.
constexpr const FormOfType* find_form(RrType type) {
  const auto number = static_cast<uint16_t>(type);
  const auto at = std::ranges::lower_bound(kForms, number, {}, &FormOfType::number);
  return at != kForms.end() && at->number == number ? &*at : nullptr;
}

}  // namespace fairlead::dns
