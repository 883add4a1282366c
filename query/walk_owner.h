// Who a walk talks to while it is under way: whom it waits for, who arranges its answer, who has
// it.
#pragma once

#include <cstdint>

#include "dns/answer.h"
#include "query/step.h"

namespace fairlead::query {

/// What a walk waits for. Told when the walk no longer wants it; worker's thread.
class Awaited {
 public:
  /// From now on `walk` must not be resumed by this.
  virtual void leave(Walk& walk) noexcept = 0;

 protected:
  ~Awaited() = default;
};

/// An order for the records of the final answer (loadbalance). `seed` is random and not 0.
class Arranger {
 public:
  virtual ~Arranger() = default;
  virtual void arrange(dns::Answer& answer, uint64_t seed) const = 0;
};

/// Who has the walks of one worker.
class WalkOwner {
 public:
  /// Goes on with a walk that waited.
  virtual void resume(Walk& walk, Turn turn) = 0;

  /// Asks the steps behind the one that is asked now what `walk` asks, for nobody but those who
  /// keep answers: a refresh.
  virtual void ask_again(Walk& walk) = 0;

  /// One walk more can wait.
  [[nodiscard]] virtual bool has_room() const = 0;

 protected:
  ~WalkOwner() = default;
};

}  // namespace fairlead::query
