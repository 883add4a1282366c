#include "plugins/secondary/edns_memory.h"

#include <utility>

namespace fairlead::plugins::secondary {

void EdnsMemory::answered(const Term& term, Time now) {
  if (term.with_edns) {
    known_until_ = now + kKnown;
    was_silent_ = false;
  } else if (term.was_foreign) {
    without_until_ = now + kWithout;
  } else if (term.was_silent) {
    const bool again = std::exchange(was_silent_, true);
    without_until_ = now + (again ? std::chrono::seconds(kWithout) : kPerhapsWithout);
  }
}

}  // namespace fairlead::plugins::secondary
