// Which upstream is asked next.
#pragma once

#include <cstdint>
#include <optional>

#include "forward/group_state.h"
#include "net/random.h"

namespace fairlead::forward {

/// What the choice of one question remembers.
struct Asked {
  uint32_t upstreams = 0;  // a bit for each one that was asked and is not to be asked again yet
  uint32_t ever = 0;       // a bit for each one that was asked at all
  uint32_t turn = 0;       // policy round_robin: where the question starts
};

struct Choice {
  size_t upstream = 0;
  bool all_down = false;
};

/// Chooses by the group's policy among the best there are: those that are up and have not been
/// asked, then those that are up, then those whose probe goes unanswered, and when all are down any
/// one at random. Empty when all are down and fail_fast_all_unhealthy is set, or there is none.
/// Notes the choice in `asked`.
std::optional<Choice> choose(const GroupState& group, net::Random& random, Asked& asked);

/// True when an upstream that is not down has not been asked.
bool has_another(const GroupState& group, const Asked& asked);

}  // namespace fairlead::forward
