#include "plugins/zone_step.h"

#include <string>
#include <string_view>

#include "dns/answer.h"
#include "dns/expire.h"
#include "dns/extended_error.h"
#include "plugins/building.h"
#include "query/telling.h"
#include "records/respond.h"
#include "records/respond_cluster.h"

namespace fairlead::plugins {
namespace {

using query::Note;
using query::Turn;
using query::Walk;
using Entry = records::ZoneSet::Entry;

constexpr uint16_t kOther = 0;  // RFC 8914 §4.1

Turn fail_with(Walk& walk, uint16_t code, std::string_view why) {
  const Turn turn = walk.fail(dns::Rcode::ServFail);
  walk.answer().add_extended_error(code, why);
  return turn;
}

std::string told(const Entry& entry, const Walk& walk, records::Outcome outcome) {
  const std::string where = " zone " + dns::to_text(entry.origin.view()) + " in " + entry.from;
  switch (outcome) {
    case records::Outcome::PassOn:
      return "does not have the name in" + where + ": passed on";
    case records::Outcome::Chase:
      return "has an alias in" + where + " that leads elsewhere";
    case records::Outcome::Failed:
      return "has aliases in" + where + " that lead round in a circle";
    case records::Outcome::Answered:
      break;
  }
  const dns::Answer& said = walk.answer();
  if (!said.authoritative) return "delegates the name, in" + where;
  if (said.rcode == dns::Rcode::NxDomain) return "does not have the name in" + where;
  const bool none = said.count(dns::Section::Answer) == 0;
  return "has the name, in" + where +
         (none ? ", but no " + dns::to_text(walk.question().qtype) : "");
}

bool is_transfer(dns::RrType type) {
  return type == dns::RrType::Axfr || type == dns::RrType::Ixfr;
}

}  // namespace

const Entry* ZoneStep::find(const Walk& walk) const {
  const records::ZoneSet* const zones = published_ ? walk.live(published_->at()) : zones_.get();
  const dns::NameView name = walk.question().lower_qname.view();
  const bool ours = within_.empty() || dns::is_at_or_below_any(name, within_);
  return zones != nullptr && ours ? zones->find(name) : nullptr;
}

Turn ZoneStep::ask(Walk& walk) const {
  const Entry* const entry = find(walk);
  if (entry == nullptr) {
    if (walk.telling() != nullptr) walk.telling()->tell("is not for this name");
    return Turn::Pass;
  }
  if (entry->zone != nullptr) return answer(walk, *entry);
  if (walk.telling() != nullptr)
    walk.telling()->tell("cannot read the zone " + dns::to_text(entry->origin.view()) + " from " +
                         entry->from);
  return fail_with(walk, dns::kNotReady, entry->trouble);
}

Turn ZoneStep::answer(Walk& walk, const Entry& entry) const {
  const dns::Query& query = walk.question();
  if (is_transfer(query.qtype)) return walk.fail(dns::Rcode::Refused);
  const records::Response said =
      entry.cluster ? records::respond_cluster(*entry.zone, *entry.cluster, query,
                                               entry.fall_through, walk.answer())
                    : records::respond(*entry.zone, query, entry.fall_through, walk.answer());
  if (walk.telling() != nullptr) walk.telling()->tell(told(entry, walk, said.outcome));
  switch (said.outcome) {
    case records::Outcome::PassOn:
      if (last_of_.empty()) return Turn::Pass;
      return walk.fail(dns::Rcode::ServFail, "plugin/" + last_of_ + ": no next plugin found");
    case records::Outcome::Chase:
      return walk.ask_server(walk.answer().name(said.target, query.qname), query.qtype);
    case records::Outcome::Failed:
      return fail_with(walk, kOther, "aliases lead round in a circle");
    case records::Outcome::Answered:
      break;
  }
  if (dns::asks_expire(walk.received()))
    dns::say_expire(walk.answer(), entry.lifetime ? entry.lifetime->seconds_left() : UINT32_MAX);
  return Turn::Done;
}

// What was found behind an alias. Of a denial or a delegation the authority section is the target's
// zone's, else it has our name servers. A cluster says no more than its own server.
Turn ZoneStep::see(Walk& walk, Note&) const {
  walk.end_chain();
  const Entry* const entry = find(walk);
  if (entry != nullptr && entry->cluster) return Turn::Done;
  if (walk.answer().rcode != dns::Rcode::NoError) {
    walk.answer().drop_repeats();  // of aliases that led round in a circle
    return Turn::Done;
  }
  const dns::Answer& found = *walk.found();
  const bool denied =
      found.count(dns::Section::Answer) == 0 && found.count(dns::Section::Authority) != 0;
  if (denied) {
    walk.append_found(dns::Section::Authority);
    walk.append_found(dns::Section::Additional);
  } else if (entry != nullptr && entry->zone != nullptr) {
    records::add_name_servers(*entry->zone, walk.question(), walk.answer());
  }
  return Turn::Done;
}

void add_step(const std::string& directive, std::unique_ptr<ZoneStep> step, Building& building) {
  building.when_built([directive, at = step.get()](const Built& built) {
    if (built.block->unanswered != "plugin/" + directive + ": no next plugin found") return;
    at->end_chain_of(directive);
    built.block->handles_queries = false;
  });
  building.step(std::move(step));
}

}  // namespace fairlead::plugins
