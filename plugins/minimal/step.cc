// The minimal directive in a block's chain: answers with data go without the sections that only
// help.
#include "query/step.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "plugins/building.h"
#include "plugins/minimal/setup.h"
#include "query/telling.h"
#include "query/walk.h"

namespace fairlead::plugins::minimal {
namespace {

using dns::RrType;
using dns::Section;

bool is_transfer(RrType type) {
  return type == RrType::Axfr || type == RrType::Ixfr;
}

// NODATA needs its SOA, and a referral its NS: without them nobody knows what was said (RFC 2308
// §2.2).
bool needs_authority(const dns::Answer& answer) {
  if (answer.rcode != dns::Rcode::NoError) return true;
  if (answer.count(Section::Answer) != 0) return false;
  return std::ranges::any_of(answer.records(), [](const dns::Record& record) {
    return record.section == Section::Authority &&
           (record.type == RrType::Soa || record.type == RrType::Ns);
  });
}

void tell(const dns::Answer& answer, bool needed, query::Telling& telling) {
  if (answer.records().empty() && !needed)
    return telling.tell("leaves the authority and additional section out of a reply with data");
  const size_t others = answer.count(Section::Authority) + answer.count(Section::Additional);
  if (needed) return telling.tell("changes nothing: such an answer needs all of its sections");
  if (others == 0) return telling.tell("changes nothing: there are no other sections");
  telling.tell("leaves out the " + std::to_string(others) + (others == 1 ? " record" : " records") +
               " of the authority and additional section");
}

class Minimal : public query::Step {
 public:
  query::Turn ask(query::Walk& walk) const override {
    if (is_transfer(walk.question().qtype)) return query::Turn::Pass;
    walk.see_me();
    return query::Turn::Pass;
  }

  query::Turn see(query::Walk& walk, query::Note&) const override {
    dns::Answer& answer = walk.answer();
    const bool needed = needs_authority(answer);
    if (walk.telling() != nullptr) tell(answer, needed, *walk.telling());
    if (!needed) answer.keep_only(Section::Answer);
    return query::Turn::Done;
  }
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  parse(cursor);
  plan.make([](Building& building) { building.step(std::make_unique<Minimal>()); });
}

}  // namespace fairlead::plugins::minimal
