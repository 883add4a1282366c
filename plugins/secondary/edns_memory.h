// Whether a server bears queries with an OPT record (RFC 6891 §7), as it has shown. The times are
// those of forward.
#pragma once

#include <chrono>

#include "net/clock.h"
#include "plugins/secondary/expiry.h"

namespace fairlead::plugins::secondary {

/// One server. A value; times are those of the caller, in order.
class EdnsMemory {
 public:
  using Time = net::Clock::time_point;

  /// After it said that it does not know EDNS, or said nothing to it twice.
  static constexpr std::chrono::minutes kWithout{5};
  /// After it said nothing once: a connection may be lost for other reasons.
  static constexpr std::chrono::seconds kPerhapsWithout{10};
  /// Who has answered a query with EDNS within this time is not suspected.
  static constexpr std::chrono::minutes kKnown{1};

  [[nodiscard]] bool is_without(Time now) const { return now < without_until_; }
  /// Nothing came to a query with EDNS: it may be for that.
  [[nodiscard]] bool may_be_without(Time now) const { return now >= known_until_; }
  /// It answered what was asked as `term` says.
  void answered(const Term& term, Time now);

 private:
  Time without_until_ = Time::min();
  Time known_until_ = Time::min();
  bool was_silent_ = false;  // since it last answered a query with EDNS
};

}  // namespace fairlead::plugins::secondary
