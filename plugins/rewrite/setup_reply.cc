// Rules about replies: TTLs, response codes, targets of CNAME records.
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "dns/name.h"
#include "plugins/rewrite/setup.h"
#include "plugins/rewrite/words.h"

namespace fairlead::plugins::rewrite {
namespace {

constexpr uint32_t kMostTtl = std::numeric_limits<int32_t>::max();  // RFC 2181 §8

std::optional<uint32_t> whole_number(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// N, MIN-MAX, MIN- or -MAX.
bool read_ttl(const std::string& text, TtlRule& rule) {
  const size_t dash = text.find('-');
  const std::string_view before = std::string_view(text).substr(0, dash);
  const std::string_view after =
      dash == std::string::npos ? before : std::string_view(text).substr(dash + 1);
  if (before.empty() && after.empty()) return false;
  const auto least = before.empty() ? uint32_t{0} : whole_number(before);
  const auto most = after.empty() ? kMostTtl : whole_number(after);
  if (!least || !most || *least > *most) return false;
  rule.least = *least;
  rule.most = *most;
  return true;
}

std::optional<dns::Rcode> rcode_of(const std::string& text) {
  constexpr std::array<std::string_view, 12> kNames{"noerror", "formerr", "servfail", "nxdomain",
                                                    "notimp",  "refused", "yxdomain", "yxrrset",
                                                    "nxrrset", "notauth", "notzone",  "dsotypeni"};
  constexpr std::array<std::string_view, 8> kExtended{"badsig",  "badkey", "badtime",  "badmode",
                                                      "badname", "badalg", "badtrunc", "badcookie"};
  constexpr uint16_t kFirstExtended = 16;
  constexpr uint32_t kLast = 23;
  const auto value = whole_number(text);
  if (value && *value <= kLast) return static_cast<dns::Rcode>(*value);
  std::string name = dns::lowered(text);
  if (name == "notimpl") name = "notimp";
  for (size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<dns::Rcode>(i);
  for (size_t i = 0; i < kExtended.size(); ++i)
    if (kExtended[i] == name) return static_cast<dns::Rcode>(kFirstExtended + i);
  return std::nullopt;
}

// [match] NAME in front of a rule's other words. `type` is the rule's, for errors.
Match parse_match(Words words, const std::string& type) {
  Match match;
  if (words.size() == 1) {
    match.from = normalized(words[0]);
    return match;
  }
  if (!read_kind(dns::lowered(words[0]), match.kind)) {
    throw RuleError(
        type + " rule supports only exact, prefix, suffix, substring, and regex name matching");
  }
  if (match.kind != Match::Kind::Regex) {
    match.from = normalized(words[1]);
    return match;
  }
  match.from = words[1];
  if (match.from.size() > kMaxPattern) {
    throw RuleError("regex pattern too long in a " + type + " rule: " +
                    std::to_string(match.from.size()) + " > " + std::to_string(kMaxPattern));
  }
  match.pattern = compile(match.from);
  if (!match.pattern)
    throw RuleError("invalid regex pattern in a " + type + " rule: " + match.from);
  return match;
}

RuleError too_few(Words words, const std::string& type) {
  return RuleError("too few (" + std::to_string(words.size()) + ") arguments for a " + type +
                   " rule");
}

}  // namespace

TtlRule parse_ttl(Words words) {
  if (words.size() < 2) throw too_few(words, "ttl");
  const std::string value = words.size() > 3 ? std::string() : words.back();
  TtlRule rule;
  if (!read_ttl(value, rule)) throw RuleError("invalid TTL '" + value + "' for a ttl rule");
  rule.match = parse_match(words.first(words.size() - 1), "ttl");
  return rule;
}

RcodeRule parse_rcode(Words words) {
  if (words.size() < 3) throw too_few(words, "rcode");
  const bool many = words.size() > 4;
  const std::string from = many ? std::string() : words[words.size() - 2];
  const std::string to = many ? std::string() : words.back();
  const auto before = rcode_of(from);
  if (!before) throw RuleError("invalid matching RCODE '" + from + "' for a rcode rule");
  const auto after = rcode_of(to);
  if (!after) throw RuleError("invalid replacement RCODE '" + to + "' for a rcode rule");
  return {parse_match(words.first(words.size() - 2), "rcode"), *before, *after};
}

// No dot is added to a part of a name.
CnameRule parse_cname(Words words) {
  if (words.size() != 2 && words.size() != 3) throw too_few(words, "cname");
  CnameRule rule;
  if (words.size() == 3) {
    const std::string kind = dns::lowered(words[0]);
    if (!read_kind(kind, rule.match.kind)) throw RuleError("unknown cname rewrite type: " + kind);
    words = words.subspan(1);
  }
  rule.match.from = dns::lowered(words[0]);
  rule.to = dns::lowered(words[1]);
  if (rule.match.kind == Match::Kind::Exact) {
    rule.match.from = normalized(words[0]);
    rule.to = normalized(words[1]);
  }
  if (rule.match.kind != Match::Kind::Regex) return rule;
  if (words[0].size() > kMaxPattern) {
    throw RuleError("regex pattern too long in a cname rule: " + std::to_string(words[0].size()) +
                    " > " + std::to_string(kMaxPattern));
  }
  rule.match.from = words[0];
  rule.match.pattern = compile(words[0], true);
  if (!rule.match.pattern) throw RuleError("invalid cname rewrite regex pattern: " + words[0]);
  rule.whole = replacement_of(rule.to, groups_of(*rule.match.pattern));
  return rule;
}

}  // namespace fairlead::plugins::rewrite
