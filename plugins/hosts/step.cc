// The hosts directive in a block's chain.
#include "query/step.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "plugins/building.h"
#include "plugins/hosts/answer.h"
#include "plugins/hosts/setup.h"
#include "plugins/hosts/source.h"
#include "query/walk.h"

namespace fairlead::plugins::hosts {
namespace {

using query::Turn;
using query::Walk;

Turn turn_of(Outcome outcome, Walk& walk) {
  switch (outcome) {
    case Outcome::Answered:
      return Turn::Done;
    case Outcome::ServFail:
      return walk.fail(dns::Rcode::ServFail);
    case Outcome::PassOn:
      break;
  }
  return Turn::Pass;
}

class Hosts : public query::Step {
 public:
  Hosts(const Options& options, std::shared_ptr<const Source> source)
      : settings_(options), source_(std::move(source)) {}

  Turn ask(Walk& walk) const override {
    const Table* const table = walk.live(source_->at());
    if (table == nullptr) return Turn::Pass;
    return turn_of(answer(settings_, *table, walk.question(), walk.answer()), walk);
  }

 private:
  const Settings settings_;
  const std::shared_ptr<const Source> source_;
};

// Reads the file once.
class Told : public query::Step {
 public:
  explicit Told(const Options& options)
      : settings_(options),
        path_(options.path),
        table_(FileWatch(options).check(net::time_of_day()).table) {}

  Turn ask(Walk& walk) const override {
    if (!table_) return Turn::Pass;
    const Outcome outcome = answer(settings_, *table_, walk.question(), walk.answer());
    walk.telling()->tell(text_of(outcome, walk));
    return turn_of(outcome, walk);
  }

 private:
  [[nodiscard]] std::string text_of(Outcome outcome, const Walk& walk) const {
    const dns::Query& query = walk.question();
    if (outcome == Outcome::ServFail)
      return "does not have the name, and fallthrough does not pass it on";
    if (outcome == Outcome::Answered) {
      const bool none = walk.answer().records().empty();
      return "has the name, in " + path_ + " or lines of the Corefile" +
             (none ? ", but no " + dns::to_text(query.qtype) : "");
    }
    const bool ours = query.qtype == dns::RrType::Ptr ||
                      dns::is_at_or_below_any(query.lower_qname.view(), settings_.zones);
    return ours ? "does not have the name: passed on" : "is not for this name";
  }

  const Settings settings_;
  const std::string path_;
  const std::shared_ptr<const Table> table_;
};

void make_step(Options options, Building& building) {
  // What clients keep, they keep for as long as the cache would have.
  for (const std::string& text : options.zones) {
    if (const auto zone = dns::Name::from_text(text))
      options.ttl = building.ttl_ranges(*zone).success.clamp(options.ttl);
  }
  if (building.explaining() != nullptr) return building.step(std::make_unique<Told>(options));
  const auto source = building.keep<Source>(
      [&](const Source& other) { return other.options() == options; },
      [&] {
        auto made = std::make_shared<Source>(options, building.site().control, building.log(),
                                             building.live<Table>());
        made->start();
        return made;
      });
  building.step(std::make_unique<Hosts>(options, source));
  building.collect([source](metrics::FamilySet& families) { source->collect(families); });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor, plan.context())](Building& building) {
    make_step(options, building);
  });
}

}  // namespace fairlead::plugins::hosts
