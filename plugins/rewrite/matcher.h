// Which of many rules are for a name: all that must not cost a question that none of them is for.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/rewrite/affixes.h"
#include "plugins/rewrite/rules.h"

namespace fairlead::plugins::rewrite {

/// Beginnings, ends and whole names are found by hash in one pass each, substrings and expressions
/// together by one automaton. The automaton remembers what it has seen and has a lock for that:
/// each worker has its own.
class Matcher {
 public:
  /// `rules` must outlive it; `workers`: their numbers are below.
  Matcher(std::span<const Rule> rules, size_t workers);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// The numbers of the rules that are for `name` and of those that are for any, in their order.
  /// Called by worker number `worker`. A name that none is for costs no allocation once `found` has
  /// grown.
  void find(std::string_view name, size_t worker, std::vector<uint32_t>& found) const;

 private:
  class Searched;

  std::span<const Rule> rules_;
  Affixes fronts_{Affixes::Side::Front};
  Affixes backs_{Affixes::Side::Back};
  std::vector<uint32_t> searched_;  // substrings and expressions
  std::vector<uint32_t> for_any_;
  std::vector<std::unique_ptr<Searched>> of_workers_;  // each its worker's alone
};

}  // namespace fairlead::plugins::rewrite
