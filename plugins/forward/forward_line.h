// The `forward` lines of a server block, as workers use them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "forward/group.h"
#include "forward/in_flight.h"
#include "forward/tap.h"
#include "query/answer_store.h"

namespace fairlead::plugins::forward {

struct KeptGroup;

/// Shared by all workers; constant but for what is behind the pointers, which is thread safe.
struct ForwardLine {
  std::vector<dns::Name> from;    // lower case
  std::vector<dns::Name> except;  // likewise
  std::vector<uint16_t> next;     // rcodes that leave the question to the next line
  bool next_on_nodata = false;
  std::shared_ptr<fairlead::forward::Group> group;
  std::shared_ptr<fairlead::forward::InFlight> in_flight;
  std::shared_ptr<KeptGroup> kept;  // keeps `group` over reloads

  /// The line is for this name.
  [[nodiscard]] bool takes(const dns::Query& query) const;

  /// The answer is one that the next line is to better.
  [[nodiscard]] bool is_passed_on(const dns::Answer& answer) const;
};

/// All lines of one block, and where their answers are kept (null without `cache`).
struct Lines {
  std::vector<ForwardLine> all;
  std::shared_ptr<const query::AnswerStore> store;
  std::shared_ptr<const fairlead::forward::Tap> tap;  // null: nobody looks (dnstap)
  std::vector<uint16_t> bettered;  // rcodes of answers that are not kept (Offers::better)

  [[nodiscard]] bool is_kept(dns::Rcode rcode) const;

  /// What line `number` got is not the end: another line behind it is asked.
  [[nodiscard]] bool passes_on(const dns::Query& query, size_t number,
                               const dns::Answer& answer) const;
};

}  // namespace fairlead::plugins::forward
