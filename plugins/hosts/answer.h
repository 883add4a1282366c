// Answers from a table of hosts.
#pragma once

#include <cstdint>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "plugins/hosts/setup.h"
#include "plugins/hosts/table.h"

namespace fairlead::plugins::hosts {

// What answering needs of the options. Constant while the server runs.
struct Settings {
  explicit Settings(const Options& options);

  std::vector<dns::Name> zones;         // lower-cased, as all names here
  std::vector<dns::Name> fall_through;  // empty: none
  bool fall_through_unsupported = false;
  uint32_t ttl = 3600;
};

enum class Outcome : uint8_t {
  PassOn,    // not a matter for this table: the next directive answers
  Answered,  // `out` is the reply: data, or NODATA for a known name (no SOA: there is no zone)
  ServFail,  // a name that the table does not know and nobody else may be asked for
};

// `out` is cleared and stays so unless Answered. Neither allocates, once `out` has grown, nor
// locks.
Outcome answer(const Settings& settings, const Table& table, const dns::Query& query,
               dns::Answer& out);

}  // namespace fairlead::plugins::hosts
