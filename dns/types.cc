#include "dns/types.h"

#include <array>
#include <charconv>

#include "dns/type_table.h"

namespace fairlead::dns {
namespace {

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
  const TypeInfo* known = find_type(type);
  if (known != nullptr) return std::string(known->mnemonic);
  return "TYPE" + std::to_string(static_cast<uint16_t>(type));
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
  const bool is_number = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (is_number) return std::nullopt;  // a TTL: the word before a type in most records
  for (const TypeInfo& known : kTypes) {
    if (same_text(known.mnemonic, text)) return static_cast<RrType>(known.number);
  }
  if (text.size() < 5 || !same_text(text.substr(0, 4), "TYPE")) return std::nullopt;
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + 4, text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return static_cast<RrType>(number);
}

}  // namespace fairlead::dns
