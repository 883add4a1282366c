#include "cache/classify.h"

#include <algorithm>
#include <limits>

#include "dns/numbers.h"

namespace fairlead::cache {
namespace {

using dns::Record;
using dns::RrType;
using dns::Section;

constexpr int64_t kDelegationTtl = 5;  // CoreDNS keeps them no longer either

bool has(const dns::Answer& answer, Section section, RrType type) {
  return std::ranges::any_of(answer.records(), [&](const Record& record) {
    return record.section == section && record.type == type;
  });
}

// Types that stand for no data of the name (RFC 6895 §3.1), or for a transfer.
bool is_meta(RrType type) {
  const auto number = static_cast<uint16_t>(type);
  return number == 0 || type == RrType::Opt || (number >= 128 && number < 255);
}

uint32_t minimum_of(std::span<const uint8_t> rdata) {
  return rdata.size() < 4 ? 0 : dns::soa_minimum(rdata);
}

Category classify_no_error(RrType qtype, const dns::Answer& answer) {
  const bool answers = answer.count(Section::Answer) != 0;
  if (answers && (qtype == RrType::Any || has(answer, Section::Answer, qtype)))
    return Category::Success;
  if (has(answer, Section::Authority, RrType::Soa)) return Category::NoData;
  if (!answers && has(answer, Section::Authority, RrType::Ns)) return Category::Delegation;
  return Category::Other;
}

}  // namespace

Category classify(RrType qtype, const dns::Answer& answer) {
  if (answer.truncated || is_meta(qtype)) return Category::Other;
  switch (answer.rcode) {
    case dns::Rcode::NoError:
      return classify_no_error(qtype, answer);
    case dns::Rcode::NxDomain:
      if (!has(answer, Section::Authority, RrType::Soa)) return Category::Other;
      return answer.count(Section::Answer) == 0 ? Category::NameGone : Category::NoData;
    case dns::Rcode::ServFail:
    case dns::Rcode::NotImp:
      return Category::Failure;
    default:
      return Category::Other;
  }
}

uint32_t settle_ttls(const Settings& settings, Category category, dns::Answer& answer) {
  const bool denial = category == Category::Other ? answer.rcode != dns::Rcode::NoError
                                                  : kind_of(category) == Kind::Denial;
  const ClassSettings& limits = denial ? settings.denial : settings.success;
  const int64_t lowest = std::min(limits.min_ttl, limits.max_ttl).count();
  const int64_t highest = limits.max_ttl.count();
  const auto failure = static_cast<uint32_t>(settings.servfail_ttl.count());
  uint32_t smallest = std::numeric_limits<uint32_t>::max();
  for (Record& record : answer.records()) {
    uint32_t ttl = record.ttl;
    if (denial && record.section == Section::Authority && record.type == RrType::Soa)
      ttl = std::min(ttl, minimum_of(answer.rdata(record)));
    int64_t told = std::clamp<int64_t>(ttl, lowest, highest);
    if (category == Category::Delegation) told = std::clamp(kDelegationTtl, lowest, highest);
    if (category == Category::Failure) told = failure;
    record.ttl = ttl == 0 ? 0 : static_cast<uint32_t>(told);
    smallest = std::min(smallest, record.ttl);
  }
  return category == Category::Failure ? failure : smallest;
}

}  // namespace fairlead::cache
