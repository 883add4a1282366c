// The forms in which fields of rdata are written in the text of zone files. Internal to dns/.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

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
  Tag,         // letters, digits and hyphens, with their length (RFC 8659 §4.1)
  Text,        // one string without its length, up to the end
  Hex,         // all words that follow, together
  HexWord,     // one word with the length of its octets; "-" for none
  Base64,      // all words that follow, together
  Base32Word,  // one word with the length of its octets (RFC 5155 §3.3)
  Type,
  Algorithm,        // of DNSSEC, 8 bits: a number or a mnemonic
  CertificateType,  // 16 bits: a number or a mnemonic
  Eui48,            // octets in hexadecimal with hyphens between
  Eui64,
  Locator,   // four groups of hexadecimal digits
  Types,     // all that follow, as a bitmap (RFC 4034 §4.1.2)
  LowTypes,  // all that follow, as the bitmap of NXT (RFC 2535 §5.2)
  Params,    // all that follow, KEY=VALUE (RFC 9460 §2.1)
  // All that follow, as dns/rdata_words.h says.
  Location,
  Prefixes,
  HostIdentity,
  Relay,
  IpsecKey,
  HostInfo,
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

}  // namespace fairlead::dns
