#include "test/scenarios/script.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "corefile/duration.h"
#include "dns/address.h"
#include "dns/edns_option.h"
#include "dns/response.h"
#include "dns/types.h"

namespace fairlead::scenarios {
namespace {

using Words = std::vector<std::string>;

constexpr uint32_t kTtl = 300;  // where a record does not say

[[noreturn]] void fail(const std::string& what, const std::string& text) {
  throw std::runtime_error(what + ": " + text);
}

Words words_of(const std::string& text) {
  Words words;
  std::istringstream in(text);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> split_parts(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

void put16(Octets& out, uint32_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

void put32(Octets& out, uint32_t value) {
  put16(out, value >> 16);
  put16(out, value);
}

void put_name(Octets& out, const std::string& text) {
  const Octets name = encode_name(text);
  out.insert(out.end(), name.begin(), name.end());
}

void put_string(Octets& out, const std::string& text) {
  out.push_back(static_cast<uint8_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}

uint32_t number(const std::string& text) {
  return static_cast<uint32_t>(std::stoul(text));
}

Octets rdata_of(dns::RrType type, const Words& words) {
  Octets out;
  switch (type) {
    case dns::RrType::A:
    case dns::RrType::Aaaa: {
      const auto address = dns::IpAddress::from_text(words.at(0));
      if (!address) fail("no address", words[0]);
      const auto octets = address->octets();
      return {octets.begin(), octets.end()};
    }
    case dns::RrType::Txt:
    case dns::RrType::Hinfo:
      for (const std::string& word : words) put_string(out, word);
      return out;
    case dns::RrType::Soa:
      put_name(out, words.at(0));
      put_name(out, words.at(1));
      for (size_t i = 2; i < 7; ++i) put32(out, number(words.at(i)));
      return out;
    default:  // numbers, then a name: NS, CNAME, PTR, DNAME, MX, SRV
      for (size_t i = 0; i + 1 < words.size(); ++i) put16(out, number(words[i]));
      put_name(out, words.at(words.size() - 1));
      return out;
  }
}

// A type in capitals; a name may look like one.
std::optional<dns::RrType> type_of(const std::string& word) {
  const bool capitals = std::ranges::none_of(word, [](unsigned char c) { return std::islower(c); });
  return capitals ? dns::rr_type_from_text(word) : std::nullopt;
}

// [OWNER] TYPE RDATA… [class N] [ttl N]
Octets record_of(Words words, const std::string& qname) {
  const auto last = [&words](const char* word, uint32_t otherwise) {
    if (words.size() < 3 || words[words.size() - 2] != word) return otherwise;
    const auto value = static_cast<uint32_t>(number(words.back()));
    words.resize(words.size() - 2);
    return value;
  };
  const uint32_t ttl = last("ttl", kTtl);
  const uint32_t rr_class = last("class", static_cast<uint32_t>(dns::RrClass::In));
  std::string owner = qname;
  if (words.size() > 1 && !type_of(words[0])) {
    owner = words[0];
    words.erase(words.begin());
  }
  const auto type = words.empty() ? std::nullopt : type_of(words[0]);
  if (!type || words.size() < 2) fail("neither a record nor a known word", words.at(0));
  const Octets rdata = rdata_of(*type, Words(words.begin() + 1, words.end()));
  Octets out = encode_name(owner);
  put16(out, static_cast<uint32_t>(*type));
  put16(out, rr_class);
  put32(out, ttl);
  put16(out, static_cast<uint32_t>(rdata.size()));
  out.insert(out.end(), rdata.begin(), rdata.end());
  return out;
}

// The SOA of the name's last two labels.
Octets soa_of(const std::string& qname, const std::string& minimum) {
  std::string zone = qname;
  while (std::ranges::count(zone, '.') > 2) zone.erase(0, zone.find('.') + 1);
  return record_of({zone, "SOA", "ns." + zone, "admin." + zone, "1", "7200", "1800", "86400",
                    minimum, "ttl", minimum},
                   qname);
}

// EDNS EXPIRE (RFC 7314).
Octets opt_with_expire(uint64_t seconds) {
  Octets out{0};
  put16(out, static_cast<uint32_t>(dns::RrType::Opt));
  put16(out, dns::kUpstreamUdpSize);
  put32(out, 0);
  put16(out, 8);
  put16(out, static_cast<uint32_t>(dns::OptionCode::Expire));
  put16(out, 4);
  put32(out, static_cast<uint32_t>(seconds));
  return out;
}

uint16_t rcode_of(const std::string& text) {
  for (uint16_t code = 0; code < 16; ++code)
    if (dns::to_text(static_cast<dns::Rcode>(code)) == text) return code;
  return static_cast<uint16_t>(number(text));
}

// One reply while its parts are read.
struct Draft {
  std::string qname;
  uint16_t flags = 0x8080;  // QR, RA
  uint16_t rcode = 0;
  bool wrong_id = false;
  std::array<std::vector<Octets>, 3> sections;
  Saying saying;
  bool silent = false;
};

bool read_flag(Draft& draft, const std::string& word) {
  if (word == "silence") return draft.silent = true;
  if (word == "server") return draft.saying.to_server = true;
  if (word == "wrong-id") return draft.wrong_id = true;
  if (word == "nodata") return true;
  if (word == "nxdomain") return (draft.rcode = 3) != 0;
  if (word == "tc") return (draft.flags |= 0x0200) != 0;
  if (word == "aa") return (draft.flags |= 0x0400) != 0;
  if (word == "ad") return (draft.flags |= 0x0020) != 0;
  return false;
}

void read_part(Draft& draft, const std::string& part) {
  Words words = words_of(part);
  while (!words.empty() && read_flag(draft, words[0])) words.erase(words.begin());
  if (words.empty()) return;
  const std::string& key = words[0];
  const Words rest(words.begin() + 1, words.end());
  if (key == "rcode") {
    draft.rcode = rcode_of(rest.at(0));
  } else if (key == "delay") {
    draft.saying.delay = corefile::parse_duration(rest.at(0));
  } else if (key == "soa") {
    draft.sections[1].push_back(soa_of(draft.qname, rest.at(0)));
  } else if (key == "authority") {
    draft.sections[1].push_back(record_of(rest, draft.qname));
  } else if (key == "expire") {
    draft.sections[2].push_back(opt_with_expire(number(rest.at(0))));
  } else if (key == "additional") {
    draft.sections[2].push_back(record_of(rest, draft.qname));
  } else {
    draft.sections[0].push_back(record_of(words, draft.qname));
  }
}

// The query's id and question, then what the draft says.
Octets message_of(const Draft& draft, std::span<const uint8_t> query, size_t question_end) {
  Octets out(query.begin(), query.begin() + 2);
  const auto asked = static_cast<uint32_t>(query[2] << 8 | query[3]);
  put16(out, draft.flags | (asked & 0x0110U) | draft.rcode);
  put16(out, 1);
  for (const auto& section : draft.sections) put16(out, static_cast<uint32_t>(section.size()));
  out.insert(out.end(), query.begin() + 12, query.begin() + static_cast<long>(question_end));
  for (const auto& section : draft.sections) {
    for (const Octets& record : section) out.insert(out.end(), record.begin(), record.end());
  }
  return out;
}

Saying say(Draft draft, std::span<const uint8_t> query, size_t question_end) {
  Saying saying = std::move(draft.saying);
  if (draft.silent || saying.to_server) return saying;
  const Octets message = message_of(draft, query, question_end);
  if (draft.wrong_id) {
    saying.messages.push_back(message);
    saying.messages.back()[0] ^= 0xff;
  }
  saying.messages.push_back(message);
  return saying;
}

}  // namespace

Script::Script(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    const size_t arrow = line.find("->");
    const Words words = words_of(line.substr(0, arrow));
    if (arrow == std::string::npos || words.size() < 2 || words.size() > 3)
      fail("NAME TYPE [udp|tcp] -> PARTS, not", line);
    std::string name = words[0];
    if (name != "*" && !name.ends_with('.')) name += '.';
    rules_.push_back(
        {name, words[1], words.size() == 3 ? words[2] : "*", split_parts(line.substr(arrow + 2))});
  }
}

bool Script::Rule::fits(const std::string& qname, const std::string& qtype, bool tcp) const {
  return (name == "*" || name == qname) && (type == "*" || type == qtype) &&
         (transport == "*" || (transport == "tcp") == tcp);
}

Saying Script::answer(std::span<const uint8_t> query, bool tcp) const {
  const auto read = decode(query);
  if (!read || read->question.size() != 1) return {};
  const Reply::Asked& asked = read->question[0];
  const size_t question_end = 12 + encode_name(asked.name).size() + 4;
  const std::string type = dns::to_text(static_cast<dns::RrType>(asked.type));
  Draft draft{.qname = asked.name, .rcode = 5};
  for (const Rule& rule : rules_) {
    if (!rule.fits(asked.name, type, tcp)) continue;
    draft.rcode = 0;
    for (const std::string& part : rule.parts) read_part(draft, part);
    break;
  }
  return say(std::move(draft), query, question_end);
}

namespace {

// CODE:HEX of each option.
std::string options_text(std::span<const uint8_t> options) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  while (options.size() >= 4) {
    const size_t size = static_cast<size_t>(options[2] << 8 | options[3]);
    if (size > options.size() - 4) break;
    text += " option=" + std::to_string(options[0] << 8 | options[1]) + ":";
    for (const uint8_t octet : options.subspan(4, size)) {
      text += kDigits[octet >> 4];
      text += kDigits[octet & 15];
    }
    options = options.subspan(4 + size);
  }
  return options.empty() ? text : text + " unreadable options";
}

}  // namespace

std::string query_text(std::span<const uint8_t> query, bool tcp) {
  const auto read = decode(query);
  if (!read || read->question.empty()) return "unreadable";
  std::string text =
      read->question[0].name + " " + dns::to_text(static_cast<dns::RrType>(read->question[0].type));
  if (tcp) text += " tcp";
  if ((read->flags & 0x0100) == 0) text += " nord";
  if ((read->flags & 0x0010) != 0) text += " cd";
  if (read->edns && (read->edns->flags & 0x8000) != 0) text += " do";
  if (read->edns) text += options_text(read->edns->options);
  return text;
}

}  // namespace fairlead::scenarios
