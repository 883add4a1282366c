// Where answers from outside are kept for the next who asks: what the cache offers to the steps
// behind it.
#pragma once

#include <cstdint>

#include "dns/answer.h"
#include "dns/query.h"

namespace fairlead::query {

/// Any thread.
class AnswerStore {
 public:
  virtual ~AnswerStore() = default;

  /// Keeps `answer`, which came from outside (or is the SERVFAIL that stands for nothing having
  /// come) for everybody who asks `question`, and makes of it what all who wait are to see: other
  /// TTLs, or an older answer that beats it.
  virtual void keep(const dns::Query& question, dns::Answer& answer) const = 0;

  /// A fresh answer to `question`, put there by another worker meanwhile. False: `answer` is as it
  /// was.
  virtual bool find(const dns::Query& question, dns::Answer& answer) const = 0;

  /// How often keep() has ended. Whoever looked for an answer and found none, and then begins to
  /// ask outside, looks again when this has changed in between.
  [[nodiscard]] virtual uint64_t version() const = 0;
};

}  // namespace fairlead::query
