// What a step found out by asking something else, put in place of the answer there was: whole
// (autopath), or with other addresses (dns64, siit).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "dns/address.h"
#include "dns/answer.h"
#include "dns/query.h"
#include "dns/types.h"
#include "query/walk.h"

namespace fairlead::plugins {

/// In see() after Ask: walk.answer() gets rcode, flags and options of what was found, and no
/// records. If it is no failure, the one that the answer before stood for is forgotten.
void begin_as_found(query::Walk& walk);

/// The TTL of the SOA in the authority section: for how long there is nothing. `otherwise` without.
uint32_t denial_ttl(const dns::Answer& answer, uint32_t otherwise);

/// It covers records of `type` (RFC 4034 §3.1.1).
bool is_signature_of(dns::RrType type, const dns::Answer& answer, const dns::Record& record);

/// A question whose answer the one who asks may want to check for himself: nothing may be made up
/// for it (RFC 6147 §5.5).
inline bool validates(const dns::Query& question) {
  return question.has_edns && question.edns.dnssec_ok && question.checking_disabled;
}

/// How many addresses of `type` in the answer section `translate`, a function that says which
/// other address there is for one, if any, makes something of.
template <class Translate>
size_t count_translated(const dns::Answer& answer, dns::RrType type, const Translate& translate) {
  return static_cast<size_t>(std::ranges::count_if(answer.records(), [&](const auto& record) {
    return record.section == dns::Section::Answer && record.type == type &&
           translate(dns::IpAddress(answer.rdata(record)));
  }));
}

/// walk.answer() becomes what was found, with what `translate` makes of the addresses of `type` in
/// the answer section; those it makes nothing of are left out, as are signatures of them. They live
/// for `ttl` seconds at most.
template <class Translate>
void answer_translated(query::Walk& walk, dns::RrType type, uint32_t ttl,
                       const Translate& translate) {
  const dns::Answer& found = *walk.found();
  dns::Answer& answer = walk.answer();
  begin_as_found(walk);
  for (const dns::Record& record : found.records()) {
    const bool translated = record.section == dns::Section::Answer && record.type == type;
    if (is_signature_of(type, found, record)) continue;
    const dns::IpAddress address =
        translated ? dns::IpAddress(found.rdata(record)) : dns::IpAddress();
    const std::optional<dns::IpAddress> other = translated ? translate(address) : std::nullopt;
    if (translated && !other) continue;
    const dns::NameRef owner = answer.add_name(found.name(record.owner, walk.found_name()));
    if (translated) {
      answer.add_address(record.section, owner, std::min(record.ttl, ttl), *other);
    } else {
      answer.add_raw(record.section, owner, record.type, record.ttl, found.rdata(record));
    }
  }
}

}  // namespace fairlead::plugins
