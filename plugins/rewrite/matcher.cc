#include "plugins/rewrite/matcher.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

#include "plugins/rewrite/name_text.h"

namespace fairlead::plugins::rewrite {
namespace {

using Kind = Match::Kind;

constexpr int64_t kMostOfAutomaton = 16 << 20;  // of one worker's automaton

re2::RE2::Options automaton_options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostOfAutomaton);
  return options;
}

}  // namespace

/// One worker's automaton over all that is searched for.
class Matcher::Searched {
 public:
  Searched(std::span<const Rule> rules, std::span<const uint32_t> numbers)
      : set_(automaton_options(), re2::RE2::UNANCHORED) {
    for (const uint32_t number : numbers) {
      const Match& match = *rules[number].match();
      usable_ = usable_ &&
                set_.Add(match.kind == Kind::Regex ? match.from : re2::RE2::QuoteMeta(match.from),
                         nullptr) >= 0;
    }
    usable_ = usable_ && set_.Compile();
  }

  /// Appends those of `numbers` whose rules are for `name`; what the automaton has no memory for is
  /// looked at one by one.
  void find(std::span<const Rule> rules, std::span<const uint32_t> numbers, std::string_view name,
            std::vector<uint32_t>& found) {
    const re2::StringPiece text(name.data(), name.size());
    re2::RE2::Set::ErrorInfo error{re2::RE2::Set::kNoError};
    if (usable_ && !set_.Match(text, nullptr, &error) && error.kind == re2::RE2::Set::kNoError)
      return;
    hits_.clear();
    if (usable_ && set_.Match(text, &hits_, &error)) {
      for (const int hit : hits_) found.push_back(numbers[static_cast<size_t>(hit)]);
      return;
    }
    for (const uint32_t number : numbers)
      if (matches(*rules[number].match(), name)) found.push_back(number);
  }

 private:
  re2::RE2::Set set_;
  bool usable_ = true;
  std::vector<int> hits_;
};

Matcher::Matcher(std::span<const Rule> rules, size_t workers) : rules_(rules) {
  for (uint32_t i = 0; i < rules.size(); ++i) {
    const Match* const match = rules[i].match();
    if (match == nullptr) {
      for_any_.push_back(i);
      continue;
    }
    if (match->kind == Kind::Exact || match->kind == Kind::Prefix) {
      fronts_.add(match->from, i, match->kind == Kind::Exact);
    } else if (match->kind == Kind::Suffix) {
      backs_.add(match->from, i);
    } else {
      searched_.push_back(i);
    }
  }
  fronts_.build();
  backs_.build();
  if (searched_.empty()) return;
  for (size_t i = 0; i < std::max<size_t>(workers, 1); ++i)
    of_workers_.push_back(std::make_unique<Searched>(rules_, searched_));
}

Matcher::~Matcher() = default;

void Matcher::find(std::string_view name, size_t worker, std::vector<uint32_t>& found) const {
  found.assign(for_any_.begin(), for_any_.end());
  fronts_.find(name, found);
  backs_.find(name, found);
  if (!searched_.empty()) of_workers_[worker]->find(rules_, searched_, name, found);
  if (found.size() > 1) std::ranges::sort(found);
}

}  // namespace fairlead::plugins::rewrite
