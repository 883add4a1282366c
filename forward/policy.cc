#include "forward/policy.h"

#include <bit>

namespace fairlead::forward {
namespace {

// Policy fastest: one question in so many asks any upstream, so that one that was slow can show
// that it is fast again.
constexpr uint32_t kExploreOneIn = 32;

struct Sets {
  uint32_t good = 0;     // up, and no probe goes unanswered
  uint32_t suspect = 0;  // up, but a probe goes unanswered
  uint32_t all = 0;
};

Sets sort_out(const GroupState& group) {
  Sets sets;
  for (size_t i = 0; i < group.upstreams.size(); ++i) {
    const Upstream& upstream = *group.upstreams[i];
    const uint32_t bit = uint32_t{1} << i;
    sets.all |= bit;
    if (upstream.down()) continue;
    (upstream.suspect() ? sets.suspect : sets.good) |= bit;
  }
  return sets;
}

size_t lowest(uint32_t set) {
  return static_cast<size_t>(std::countr_zero(set));
}

size_t any_of(uint32_t set, net::Random& random) {
  for (uint32_t skip = random.below(static_cast<uint32_t>(std::popcount(set))); skip != 0; --skip)
    set &= set - 1;
  return lowest(set);
}

size_t fastest_of(uint32_t set, const GroupState& group) {
  size_t best = lowest(set);
  for (uint32_t left = set & (set - 1); left != 0; left &= left - 1) {
    const size_t i = lowest(left);
    if (group.upstreams[i]->cost() < group.upstreams[best]->cost()) best = i;
  }
  return best;
}

size_t pick(uint32_t set, const GroupState& group, net::Random& random, const Asked& asked) {
  switch (group.settings.policy) {
    case Policy::Random:
      return any_of(set, random);
    case Policy::RoundRobin: {
      const uint32_t start = asked.turn % static_cast<uint32_t>(group.upstreams.size());
      const uint32_t from_start = set & (~uint32_t{0} << start);
      return lowest(from_start != 0 ? from_start : set);
    }
    case Policy::Sequential:
      return lowest(set);
    case Policy::Fastest:
      if (asked.upstreams == 0 && random.below(kExploreOneIn) == 0) return any_of(set, random);
      return fastest_of(set, group);
  }
  return lowest(set);
}

}  // namespace

std::optional<Choice> choose(const GroupState& group, net::Random& random, Asked& asked) {
  const Sets sets = sort_out(group);
  if (sets.all == 0) return std::nullopt;
  Choice choice;
  const uint32_t fresh = ~asked.upstreams;
  if ((sets.good | sets.suspect) == 0) {
    if (group.settings.fail_fast_all_unhealthy) return std::nullopt;
    choice.all_down = true;
    const uint32_t left = sets.all & fresh;
    choice.upstream = any_of(left != 0 ? left : sets.all, random);
  } else {
    // One that is known to answer is better asked twice than a silent one once.
    const uint32_t best = sets.good != 0 ? sets.good : sets.suspect;
    if ((best & fresh) == 0) asked.upstreams &= ~best;
    choice.upstream = pick(best & ~asked.upstreams, group, random, asked);
  }
  asked.upstreams |= uint32_t{1} << choice.upstream;
  asked.ever |= asked.upstreams;
  return choice;
}

bool has_another(const GroupState& group, const Asked& asked) {
  const Sets sets = sort_out(group);
  return ((sets.good | sets.suspect) & ~asked.ever) != 0;
}

}  // namespace fairlead::forward
