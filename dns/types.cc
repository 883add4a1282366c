#include "dns/types.h"

#include <array>
#include <charconv>
#include <utility>

namespace fairlead::dns {
namespace {

struct TypeName {
  uint16_t number;
  std::string_view text;
};

constexpr std::array<TypeName, 40> kTypes{{
    {1, "A"},        {2, "NS"},          {5, "CNAME"},       {6, "SOA"},    {12, "PTR"},
    {13, "HINFO"},   {15, "MX"},         {16, "TXT"},        {17, "RP"},    {18, "AFSDB"},
    {24, "SIG"},     {25, "KEY"},        {28, "AAAA"},       {29, "LOC"},   {33, "SRV"},
    {35, "NAPTR"},   {36, "KX"},         {37, "CERT"},       {39, "DNAME"}, {41, "OPT"},
    {42, "APL"},     {43, "DS"},         {44, "SSHFP"},      {46, "RRSIG"}, {47, "NSEC"},
    {48, "DNSKEY"},  {50, "NSEC3"},      {51, "NSEC3PARAM"}, {52, "TLSA"},  {59, "CDS"},
    {60, "CDNSKEY"}, {61, "OPENPGPKEY"}, {64, "SVCB"},       {65, "HTTPS"}, {99, "SPF"},
    {250, "TSIG"},   {251, "IXFR"},      {252, "AXFR"},      {255, "ANY"},  {257, "CAA"},
}};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
}

bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (upper(a[i]) != upper(b[i])) return false;
  }
  return true;
}

}  // namespace

std::string to_text(RrType type) {
  const auto number = static_cast<uint16_t>(type);
  for (const TypeName& known : kTypes) {
    if (known.number == number) return std::string(known.text);
  }
  return "TYPE" + std::to_string(number);
}

std::string to_text(RrClass rr_class) {
  switch (rr_class) {
    case RrClass::In:
      return "IN";
    case RrClass::Ch:
      return "CH";
    case RrClass::Hs:
      return "HS";
    case RrClass::None:
      return "NONE";
    case RrClass::Any:
      return "ANY";
  }
  return "CLASS" + std::to_string(static_cast<uint16_t>(rr_class));
}

std::string to_text(Rcode rcode) {
  constexpr std::array<std::string_view, 12> kNames{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                                    "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                                    "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI"};
  const auto number = static_cast<uint16_t>(rcode);
  if (number < kNames.size()) return std::string(kNames[number]);
  if (rcode == Rcode::BadVers) return "BADVERS";
  return "RCODE" + std::to_string(number);
}

std::optional<RrType> rr_type_from_text(std::string_view text) {
  for (const TypeName& known : kTypes) {
    if (same_text(known.text, text)) return static_cast<RrType>(known.number);
  }
  if (text.size() < 5 || !same_text(text.substr(0, 4), "TYPE")) return std::nullopt;
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + 4, text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return static_cast<RrType>(number);
}

}  // namespace fairlead::dns
