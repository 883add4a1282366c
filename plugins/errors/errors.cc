#include "plugins/errors/errors.h"

#include <re2/re2.h>

#include <algorithm>

#include "corefile/duration.h"
#include "expression/pattern.h"

namespace fairlead::plugins::errors {

std::string describe(const dns::Query& query, dns::Rcode rcode, std::string_view text) {
  std::string line = std::to_string(static_cast<unsigned>(rcode));
  line += ' ';
  line += query.has_question ? dns::to_text(query.lower_qname.view()) : std::string(".");
  line += ' ';
  line += dns::to_text(query.qtype);
  line += ": ";
  line += text;
  return line;
}

Consolidation::Consolidation(const Options& options) {
  rules_.reserve(options.consolidate.size());
  for (const Consolidate& rule : options.consolidate) {
    Counted counted;
    counted.rule = rule;
    counted.pattern = expression::compile_pattern(rule.pattern);
    rules_.push_back(std::move(counted));
  }
}

Consolidation::~Consolidation() = default;

std::optional<Line> Consolidation::report(const dns::Query& query, dns::Rcode rcode,
                                          std::string_view text, TimePoint now) {
  const auto counted = std::find_if(rules_.begin(), rules_.end(), [&](const Counted& one) {
    return re2::RE2::PartialMatch(text, *one.pattern);
  });
  if (counted == rules_.end()) return Line{Level::Error, describe(query, rcode, text)};
  const std::lock_guard lock(mutex_);
  const bool first = counted->count++ == 0;
  if (first) counted->ends = now + counted->rule.period;
  if (!first || !counted->rule.show_first) return std::nullopt;
  return Line{counted->rule.level, describe(query, rcode, text)};
}

Line Consolidation::summary(Counted& counted) {
  Line line{counted.rule.level, std::to_string(counted.count) + " errors like '" +
                                    counted.rule.pattern + "' occurred in last " +
                                    corefile::format_duration(counted.rule.period)};
  counted.count = 0;
  return line;
}

std::vector<Line> Consolidation::due(TimePoint now) {
  const std::lock_guard lock(mutex_);
  std::vector<Line> lines;
  for (Counted& counted : rules_) {
    if (counted.count > 0 && counted.ends <= now) lines.push_back(summary(counted));
  }
  return lines;
}

std::vector<Line> Consolidation::finish() {
  const std::lock_guard lock(mutex_);
  std::vector<Line> lines;
  for (Counted& counted : rules_) {
    if (counted.count > 0) lines.push_back(summary(counted));
  }
  return lines;
}

}  // namespace fairlead::plugins::errors
