#include "plugins/errors/errors.h"

#include "corefile/duration.h"

namespace fairlead::plugins::errors {

namespace {

// An expression that gives up (too deep, too slow) does not match: the error is then logged as it
// is.
bool matches(const std::regex& pattern, std::string_view text) {
  text = text.substr(0, Consolidation::kMatched);
  try {
    return std::regex_search(text.begin(), text.end(), pattern);
  } catch (const std::regex_error&) {
    return false;
  }
}

}  // namespace

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
    counted.pattern = compile_pattern(rule.pattern);
    rules_.push_back(std::move(counted));
  }
}

std::optional<Line> Consolidation::report(const dns::Query& query, dns::Rcode rcode,
                                          std::string_view text, TimePoint now) {
  const std::lock_guard lock(mutex_);
  for (Counted& counted : rules_) {
    if (!matches(counted.pattern, text)) continue;
    const bool first = counted.count++ == 0;
    if (first) counted.ends = now + counted.rule.period;
    if (!first || !counted.rule.show_first) return std::nullopt;
    return Line{counted.rule.level, describe(query, rcode, text)};
  }
  return Line{Level::Error, describe(query, rcode, text)};
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
