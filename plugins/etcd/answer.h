// What the keys of etcd say to a question: CoreDNS's plugin/backend_lookup.go over a Tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "plugins/etcd/lookup.h"
#include "plugins/offers.h"

namespace fairlead::plugins::etcd {

enum class Outcome : uint8_t {
  Answered,
  NoSuchName,  // no key is there; the answer says so
  Failed,
};

/// A name elsewhere whose records belong into the answer.
struct Outside {
  dns::Name name;
  dns::RrType type = dns::RrType::A;
  dns::Section section = dns::Section::Answer;
  uint32_t place = 0;  // of the answer section: in front of which record they stand
};

struct Response {
  Outcome outcome = Outcome::Answered;
  std::string error;             // when it has failed
  std::vector<Outside> outside;  // at most kMostOutside, those of the answer section by place
};

/// Questions of the server within one of a client are not many: query::Walk has its own bound.
inline constexpr size_t kMostOutside = 16;

struct Subject {
  const dns::Query& query;
  const dns::Name& zone;  // lower-cased; the query's name is at or below it
  TtlRanges ttls;         // those of the answer are within
  uint32_t serial = 0;    // of the zone's SOA
};

/// Says what `lookup` finds. `answer` is empty. When there is something outside, records may be
/// there twice: whoever adds to them drops those.
Response respond(const Subject& subject, Lookup& lookup, dns::Answer& answer);

}  // namespace fairlead::plugins::etcd
