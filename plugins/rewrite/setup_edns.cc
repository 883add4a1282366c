// EDNS rules: options of questions.
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dns/edns_option.h"
#include "dns/name.h"
#include "plugins/rewrite/words.h"

namespace fairlead::plugins::rewrite {
namespace {

using Action = EdnsRule::Action;
using Source = EdnsRule::Source;

RuleError no_number(const std::string& text, const char* why) {
  return RuleError("strconv.ParseUint: parsing \"" + text + "\": " + why);
}

// Go lets an underscore stand in front of a digit, but not in front of the number.
std::optional<std::string> without_underscores(std::string_view digits, bool has_prefix) {
  std::string plain;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] != '_') {
      plain += digits[i];
      continue;
    }
    const bool first = i == 0 && !has_prefix;
    if (first || i + 1 == digits.size() || digits[i + 1] == '_') return std::nullopt;
  }
  return plain;
}

// As Go reads a number of 16 bits whose base its own text tells.
uint16_t option_number(const std::string& text) {
  std::string_view rest = text;
  int base = 10;
  if (rest.size() > 1 && rest[0] == '0') {
    const char c = static_cast<char>(rest[1] | 0x20);
    base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
    rest.remove_prefix(c == 'x' || c == 'b' || c == 'o' ? 2 : 1);
  }
  const auto digits = without_underscores(rest, rest.size() != text.size());
  if (!digits || digits->empty()) throw no_number(text, "invalid syntax");
  uint32_t value = 0;
  const char* const last = digits->data() + digits->size();
  const auto [end, error] = std::from_chars(digits->data(), last, value, base);
  if (end != last || error == std::errc::invalid_argument) throw no_number(text, "invalid syntax");
  if (error != std::errc() || value > 0xffff) throw no_number(text, "value out of range");
  return static_cast<uint16_t>(value);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Go shows what is no digit by its number, and as a character where it can.
RuleError no_hex(char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto octet = static_cast<uint8_t>(c);
  std::string text = "encoding/hex: invalid byte: U+00";
  text += kDigits[octet >> 4];
  text += kDigits[octet & 15];
  if (c > ' ' && c < 0x7f) text += " '" + std::string(1, c) + "'";
  return RuleError(text);
}

std::string hex_octets(std::string_view text) {
  std::string octets;
  for (const char c : text)
    if (hex_digit(c) < 0) throw no_hex(c);
  if (text.size() % 2 != 0) throw RuleError("encoding/hex: odd length hex string");
  for (size_t i = 0; i < text.size(); i += 2)
    octets += static_cast<char>(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
  return octets;
}

void read_variable(const std::string& word, EdnsRule& rule) {
  constexpr std::pair<const char*, Source> kVariables[] = {{"{qname}", Source::Qname},
                                                           {"{qtype}", Source::Qtype},
                                                           {"{client_ip}", Source::ClientAddress},
                                                           {"{client_port}", Source::ClientPort},
                                                           {"{server_ip}", Source::ServerAddress},
                                                           {"{server_port}", Source::ServerPort},
                                                           {"{protocol}", Source::Protocol}};
  for (const auto& [name, source] : kVariables) {
    if (word != name) continue;
    rule.source = source;
    return;
  }
  const std::string label = word.substr(1, word.size() - 2);
  const size_t slash = label.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == label.size())
    throw RuleError("unsupported variable name \"" + word + "\"");
  rule.source = Source::Label;
  rule.data = label;
}

uint8_t mask_bits(const std::string& word, uint16_t most, const char* family) {
  const uint16_t bits = option_number(word);
  if (bits > most) {
    throw RuleError("invalid " + std::string(family) + " bit mask length " + std::to_string(bits));
  }
  return static_cast<uint8_t>(bits);
}

Action action_of(const std::string& word) {
  if (word == "append") return Action::Append;
  if (word == "replace") return Action::Replace;
  if (word == "set") return Action::Set;
  if (word == "unset") return Action::Unset;
  throw RuleError("invalid action: \"" + word + "\"");
}

EdnsRule parse_unset(const std::string& type, Words words) {
  EdnsRule rule{.action = Action::Unset};
  if (type == "local") {
    if (words.size() != 3) throw RuleError("local unset action requires exactly two arguments");
    rule.local = true;
    rule.code = option_number(words[2]);
    return rule;
  }
  if (type != "nsid" && type != "subnet") throw RuleError("invalid rule type \"" + type + "\"");
  if (words.size() != 2) throw RuleError(type + " unset action requires exactly one argument");
  rule.code =
      static_cast<uint16_t>(type == "nsid" ? dns::OptionCode::Nsid : dns::OptionCode::Subnet);
  return rule;
}

void parse_local(Words words, EdnsRule& rule) {
  if (words.size() != 4) throw RuleError("EDNS0 local rules require three or four args");
  rule.local = true;
  rule.code = option_number(words[2]);
  const std::string& data = words[3];
  if (data.starts_with('{') && data.ends_with('}')) return read_variable(data, rule);
  rule.data = data.starts_with("0x") ? hex_octets(std::string_view(data).substr(2)) : data;
}

void parse_subnet(Words words, EdnsRule& rule) {
  if (words.size() != 4) throw RuleError("EDNS0 subnet rules require three or four args");
  rule.source = Source::Subnet;
  rule.code = static_cast<uint16_t>(dns::OptionCode::Subnet);
  rule.v4_bits = mask_bits(words[2], 32, "IPv4");
  rule.v6_bits = mask_bits(words[3], 128, "IPv6");
}

}  // namespace

EdnsRule parse_edns(Words words) {
  if (words.size() < 2) throw RuleError("too few arguments for an EDNS0 rule");
  const std::string type = dns::lowered(words[0]);
  EdnsRule rule{.action = action_of(dns::lowered(words[1]))};
  if (rule.action == Action::Unset) return parse_unset(type, words);
  rule.revert = words.back() == "revert";
  if (rule.revert) words = words.first(words.size() - 1);
  if (type == "local") {
    parse_local(words, rule);
  } else if (type == "subnet") {
    parse_subnet(words, rule);
  } else if (type == "nsid") {
    if (words.size() != 2) throw RuleError("EDNS0 NSID rules can accept no more than one arg");
    rule.code = static_cast<uint16_t>(dns::OptionCode::Nsid);
  } else {
    throw RuleError("invalid rule type \"" + type + "\"");
  }
  return rule;
}

}  // namespace fairlead::plugins::rewrite
