// The line in the log about what is not ready: probes ask each second, and their answers must not
// push out of sight what the other lines say.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/clock.h"
#include "plugins/readiness.h"

namespace fairlead::plugins::ready {

/// One for the process, whatever asks and at how many addresses. Control thread.
class Notice {
 public:
  static constexpr std::chrono::seconds kAgain{60};

  /// What to log of an answer, of the names and the reasons: when it is another text than that of
  /// the answer before, and once in kAgain while it stays the same.
  std::optional<std::string> of(const Readiness::Report& report, net::Clock::time_point now);

 private:
  std::string last_;  // empty: it was ready
  net::Clock::time_point told_;
};

}  // namespace fairlead::plugins::ready
