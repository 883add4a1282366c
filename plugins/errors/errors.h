// Failures -> log lines, the frequent ones counted and told once per period. Pure: the caller keeps
// the clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/query.h"
#include "plugins/errors/setup.h"

namespace re2 {
class RE2;
}

namespace fairlead::plugins::errors {

/// A line for the log, without level and "plugin/errors: ".
struct Line {
  Level level = Level::Error;
  std::string text;
  friend bool operator==(const Line&, const Line&) = default;
};

/// `2 example.org. A: TEXT`: the rcode as a number, the name in lower case.
std::string describe(const dns::Query& query, dns::Rcode rcode, std::string_view text);

/// The errors directive of one server block. Thread safe: failures come from every worker, rarely
/// enough for a mutex. Expressions are searched for without it.
class Consolidation {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Consolidation(const Options& options);
  ~Consolidation();

  /// One failure. What is to be logged now, or nothing when a rule counted it.
  std::optional<Line> report(const dns::Query& query, dns::Rcode rcode, std::string_view text,
                             TimePoint now);

  /// The summaries of the periods that have ended.
  std::vector<Line> due(TimePoint now);

  /// The summaries of all periods, ended or not: before the block goes.
  std::vector<Line> finish();

 private:
  struct Counted {
    Consolidate rule;
    std::unique_ptr<const re2::RE2> pattern;
    uint64_t count = 0;  // and `ends`: under mutex_
    TimePoint ends;
  };
  static Line summary(Counted& counted);

  std::mutex mutex_;
  std::vector<Counted> rules_;
};

}  // namespace fairlead::plugins::errors
