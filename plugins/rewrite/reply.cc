#include "plugins/rewrite/reply.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dns/types.h"
#include "plugins/rewrite/name_text.h"

namespace fairlead::plugins::rewrite {
namespace {

using dns::Name;
using dns::NameView;
using dns::RrType;

constexpr auto kNaptr = static_cast<RrType>(35);

// One record of a chain.
struct Link {
  dns::NameRef owner;
  RrType type{};
  uint32_t ttl = 0;
  std::vector<uint8_t> rdata;
};

// Where the name stands in the rdata that `value` rules are about; empty for types without one.
std::optional<size_t> value_place(RrType type, std::span<const uint8_t> rdata) {
  switch (type) {
    case RrType::Cname:
    case RrType::Ns:
    case RrType::Dname:
    case RrType::Ptr:
    case RrType::Soa:
      return 0;
    case RrType::Mx:
      return 2;
    case RrType::Srv:
      return 6;
    default:
      break;
  }
  if (type != kNaptr) return std::nullopt;
  size_t at = 4;  // RFC 3403 §4.1: two numbers, three character-strings
  for (int i = 0; i < 3 && at < rdata.size(); ++i) at += rdata[at] + 1U;
  return at;
}

// The name there; empty when there is none.
NameView value_of(RrType type, std::span<const uint8_t> rdata) {
  const auto place = value_place(type, rdata);
  if (!place) return {};
  for (size_t end = *place; end < rdata.size(); end += rdata[end] + 1U) {
    if (rdata[end] != 0) continue;
    const NameView name = rdata.subspan(*place, end + 1 - *place);
    return name.size() <= dns::kMaxNameSize ? name : NameView();
  }
  return {};
}

// `name`, which is `after` or below it, as it would be at `before`.
std::optional<Name> moved(NameView name, NameView after, NameView before) {
  if (name.size() < after.size()) return std::nullopt;
  const size_t front = name.size() - after.size();
  if (front != 0 && after.size() == 1) return std::nullopt;  // what is not below all is not meant
  size_t at = 0;
  while (at < front) at += name[at] + 1U;
  if (at != front || !dns::equal_ignoring_case(name.subspan(front), after)) return std::nullopt;
  if (front + before.size() > dns::kMaxNameSize) return std::nullopt;
  std::array<uint8_t, dns::kMaxNameSize> octets;  // NOLINT: as much as is read is written
  const auto end = std::ranges::copy(name.first(front), octets.begin()).out;
  std::ranges::copy(before, end);
  return Name(std::span(octets).first(front + before.size()));
}

// `end` is in lower case.
bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         std::equal(end.begin(), end.end(), text.end() - static_cast<ptrdiff_t>(end.size()),
                    [](char a, char b) {
                      return a == static_cast<char>(dns::lower(static_cast<uint8_t>(b)));
                    });
}

// `name` with `from`, which it ends with as text, in place of `to`.
std::optional<Name> with_suffix_back(NameView name, const NameRule& rule) {
  std::string text = dns::to_text(name);
  if (!ends_with_ignoring_case(text, rule.to)) return std::nullopt;
  text.replace(text.size() - rule.to.size(), rule.to.size(), rule.match.from);
  return Name::from_text(text);
}

std::optional<Name> replaced(NameView name, const AnswerRule& rule) {
  const auto text = replace(*rule.pattern, rule.to, dns::to_text(name));
  return text ? Name::from_text(*text) : std::nullopt;
}

template <class Rename>
void rename_owners(dns::Answer& answer, Rename rename) {
  for (dns::Record& record : answer.records()) {
    if (const auto name = rename(answer.name(record.owner, {}))) {
      record.owner = answer.add_name(name->view());
    }
  }
}

template <class Rename>
void rename_values(dns::Answer& answer, Rename rename) {
  std::vector<uint8_t> rdata;
  for (dns::Record& record : answer.records()) {
    const std::span<const uint8_t> old = answer.rdata(record);
    const NameView value = value_of(record.type, old);
    if (value.empty()) continue;
    const auto name = rename(value);
    if (!name) continue;
    const auto front = static_cast<size_t>(value.data() - old.data());
    rdata.assign(old.begin(), old.begin() + static_cast<ptrdiff_t>(front));
    rdata.insert(rdata.end(), name->view().begin(), name->view().end());
    const auto rest = old.subspan(front + value.size());
    rdata.insert(rdata.end(), rest.begin(), rest.end());
    answer.set_rdata(record, rdata);
  }
}

void change_names(dns::Answer& answer, const NameRule& rule, const Fired& fired) {
  for (size_t i = rule.answers.size(); i-- > 0;) {
    const AnswerRule& one = rule.answers[i];
    const auto rename = [&one](NameView name) { return replaced(name, one); };
    if (one.field == AnswerRule::Field::Owner) {
      rename_owners(answer, rename);
    } else {
      rename_values(answer, rename);
    }
  }
  if (!rule.automatic) return;
  const auto rename = [&](NameView name) {
    if (rule.match.kind == Match::Kind::Suffix) return with_suffix_back(name, rule);
    return moved(name, fired.after, fired.before);
  };
  rename_values(answer, rename);
  rename_owners(answer, rename);
}

}  // namespace

void name_owners(dns::Answer& answer, NameView asked) {
  std::optional<dns::NameRef> owner;
  for (dns::Record& record : answer.records()) {
    if (record.owner.size != 0) continue;
    if (!owner) owner = answer.add_name(asked);
    record.owner = *owner;
  }
}

void change(dns::Answer& answer, const Rule& rule, const Fired& fired) {
  if (const auto* name = std::get_if<NameRule>(&rule.what)) {
    change_names(answer, *name, fired);
  } else if (const auto* ttl = std::get_if<TtlRule>(&rule.what)) {
    for (dns::Record& record : answer.records())
      record.ttl = std::clamp(record.ttl, ttl->least, ttl->most);
  } else if (const auto* rcode = std::get_if<RcodeRule>(&rule.what)) {
    if (answer.rcode == rcode->from) answer.rcode = rcode->to;
  }
}

std::optional<Target> find_target(const dns::Answer& answer, const CnameRule& rule) {
  const auto records = answer.records();
  for (size_t i = 0; i < records.size(); ++i) {
    const dns::Record& record = records[i];
    if (record.type != RrType::Cname || record.section != dns::Section::Answer) continue;
    const NameView target = value_of(RrType::Cname, answer.rdata(record));
    if (target.empty()) continue;
    const std::string text = dns::lowered(dns::to_text(target));
    const auto to = apply({rule.match, rule.to, rule.whole}, text);
    if (!to || *to == text) continue;
    if (const auto name = Name::from_text(*to)) return Target{i, *name};
  }
  return std::nullopt;
}

void cut_chain(dns::Answer& answer, const Target& target) {
  answer.set_rdata(answer.records()[target.record], target.name.view());
  std::vector<Link> chain;
  for (const dns::Record& record : answer.records().first(target.record + 1)) {
    const bool is_link = record.type == RrType::Cname || record.type == RrType::Dname;
    if (!is_link || record.section != dns::Section::Answer) continue;
    const auto rdata = answer.rdata(record);
    chain.push_back({record.owner, record.type, record.ttl, {rdata.begin(), rdata.end()}});
  }
  answer.drop_records();
  for (const Link& link : chain)
    answer.add_raw(dns::Section::Answer, link.owner, link.type, link.ttl, link.rdata);
  answer.rcode = dns::Rcode::NoError;
  answer.truncated = false;
  answer.authentic_data = false;
}

}  // namespace fairlead::plugins::rewrite
