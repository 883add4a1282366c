// The acl directive in a block's chain: behind rewrite, in front of the cache.
#include "query/step.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugins/acl/counters.h"
#include "plugins/acl/rules.h"
#include "plugins/acl/setup.h"
#include "plugins/building.h"
#include "plugins/names.h"
#include "query/walk.h"

namespace fairlead::plugins::acl {
namespace {

using query::Turn;
using query::Walk;

constexpr uint16_t kBlocked = 15;   // RFC 8914 §4.16
constexpr uint16_t kFiltered = 17;  // RFC 8914 §4.18

// Who asks something else in between is to hear that there is no answer: only a client can be left
// without one.
Turn act(Action action, Walk& walk) {
  dns::Answer& answer = walk.answer();
  switch (action) {
    case Action::Allow:
      return Turn::Pass;
    case Action::Block:
      answer.rcode = dns::Rcode::Refused;
      answer.add_extended_error(kBlocked, "");
      return Turn::Done;
    case Action::Filter:
      answer.add_extended_error(kFiltered, "");
      return Turn::Done;
    case Action::Drop:
      break;
  }
  if (walk.depth() == 0) return Turn::Drop;
  answer.rcode = dns::Rcode::ServFail;
  return Turn::Done;
}

// The numbers of a block's counters (Walk::counters).
struct Numbers {
  size_t of_key = Building::kNotCounted;
  std::vector<size_t> of_zones;  // by Verdict::zone
};

class Acl : public query::Step {
 public:
  Acl(std::shared_ptr<const Rules> rules, Numbers numbers)
      : rules_(std::move(rules)), numbers_(std::move(numbers)) {}

  Turn ask(Walk& walk) const override {
    const dns::Query& question = walk.question();
    const Verdict verdict =
        rules_->judge(question.lower_qname.view(), question.qtype, walk.peers().client.address);
    count(verdict, walk);
    return act(verdict.action, walk);
  }

 private:
  void count(const Verdict& verdict, const Walk& walk) const {
    if (numbers_.of_key == Building::kNotCounted) return;
    const bool allowed = verdict.action == Action::Allow;
    const size_t number = allowed ? numbers_.of_key : numbers_.of_zones[verdict.zone];
    walk.counters<AclCounters>(number)->count(verdict.action);
  }

  const std::shared_ptr<const Rules> rules_;
  const Numbers numbers_;
};

const char* text_of(Action action) {
  switch (action) {
    case Action::Allow:
      return "allows the question to ";
    case Action::Block:
      return "refuses the question to ";
    case Action::Filter:
      return "gives an empty answer to ";
    case Action::Drop:
      break;
  }
  return "gives no reply to ";
}

// Whose question it is cannot be known: what is said to some clients is told, what is said to all
// is done.
class Told : public query::Step {
 public:
  explicit Told(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}

  Turn ask(Walk& walk) const override {
    const dns::Query& question = walk.question();
    for (const Rule& rule : rules_->rules()) {
      if (!dns::is_at_or_below_any(question.lower_qname.view(), rule.zones)) continue;
      for (const Policy& policy : rule.policies) {
        if (!policy.is_about(question.qtype)) continue;
        walk.telling()->tell(text_of(policy.action) + policy.clients_text);
        if (!policy.clients) return act(policy.action, walk);
      }
    }
    return Turn::Pass;
  }

 private:
  const std::shared_ptr<const Rules> rules_;
};

void make_step(const std::shared_ptr<const Rules>& rules, Building& building) {
  if (building.explaining() != nullptr) return building.step(std::make_unique<Told>(rules));
  Numbers numbers{building.counters<AclCounters>("acl", collect_counters), {}};
  for (const std::string& zone : rules->zones())
    numbers.of_zones.push_back(building.counters<AclCounters>("acl", collect_counters, zone));
  building.step(std::make_unique<Acl>(rules, std::move(numbers)));
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  std::vector<std::vector<dns::Name>> zones;
  for (const RuleOptions& rule : options.rules) zones.push_back(names_at(cursor, rule.zones));
  plan.make([rules = std::make_shared<const Rules>(options, std::move(zones))](Building& building) {
    make_step(rules, building);
  });
}

}  // namespace fairlead::plugins::acl
