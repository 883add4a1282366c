#include "plugins/listed_changes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dns/answer.h"

namespace fairlead::plugins {
namespace {

using Steps = std::vector<records::JournalStepPtr>;

// What takes a worker a few milliseconds to condense.
constexpr size_t kMostCondensed = size_t{1} << 20;  // octets
constexpr size_t kSome = 1000;                      // records of one call

class ListedSteps final : public query::Listing {
 public:
  explicit ListedSteps(Steps steps) : steps_(std::move(steps)) {}

  bool next(dns::Answer& answer) override {
    dns::NameRef owner;
    dns::NameView last;
    while (step_ < steps_.size() && answer.records().size() < kSome) {
      const auto& octets = steps_[step_]->octets;
      const records::ChangedRecord record = records::read_record(octets, at_);
      if (last.empty() || !std::ranges::equal(record.owner, last))
        owner = answer.add_name(record.owner);
      last = record.owner;
      answer.add_raw(dns::Section::Answer, owner, record.type, record.ttl, record.rdata);
      if (at_ < octets.size()) continue;
      ++step_;
      at_ = 0;
    }
    return !answer.records().empty();
  }

 private:
  const Steps steps_;
  size_t step_ = 0;  // that is next, from at_ on
  size_t at_ = 0;
};

}  // namespace

std::unique_ptr<query::Listing> list_changes(const ChangedZone& zone, uint32_t from, size_t most) {
  Steps steps = zone.journal.steps(from, zone.to);
  if (steps.empty()) return nullptr;
  size_t octets = 0;
  for (const auto& step : steps) octets += step->octets.size();
  if (octets > most) return nullptr;
  if (steps.size() > 1 && octets <= kMostCondensed) steps = {records::condense(steps)};
  size_t count = 0;
  for (const auto& step : steps) count += step->records;
  if (count > zone.records / 2) return nullptr;
  return std::make_unique<ListedSteps>(std::move(steps));
}

}  // namespace fairlead::plugins
