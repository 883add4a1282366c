// The autopath directive in a block's chain: in front of acl and cache, which see the names that
// are tried.
#include "query/step.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "net/log.h"
#include "plugins/autopath/search_path.h"
#include "plugins/autopath/setup.h"
#include "plugins/building.h"
#include "plugins/found.h"
#include "plugins/names.h"
#include "plugins/server_counter.h"
#include "query/search_domains.h"
#include "query/walk.h"

namespace fairlead::plugins::autopath {
namespace {

using dns::RrType;
using dns::Section;
using query::Note;
using query::Turn;
using query::Walk;

// What was found for another name becomes what is said of the client's own: that it is an alias of
// the first name with records.
void answer_with_alias(Walk& walk) {
  const dns::Answer& found = *walk.found();
  const dns::NameView asked = walk.found_name();
  dns::Answer& answer = walk.answer();
  begin_as_found(walk);
  for (const dns::Record& record : found.records()) {
    const dns::NameView owner = found.name(record.owner, asked);
    if (record.section != Section::Answer) continue;
    if (dns::equal_ignoring_case(owner, walk.question().qname)) continue;
    answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, record.ttl,
                           answer.add_name(owner));
    break;
  }
  for (const Section section : {Section::Answer, Section::Authority, Section::Additional})
    walk.append_found(section);
}

class Autopath : public query::Step {
 public:
  Autopath(Options options, std::vector<dns::Name> zones, ServerCounter found)
      : options_(std::move(options)), zones_(std::move(zones)), found_(found) {}

  /// Before it is served.
  void use(std::shared_ptr<const query::SearchDomains> domains) { domains_ = std::move(domains); }

  // The name itself is the first that is tried: for that there is nothing to do but to look at the
  // answer.
  Turn ask(Walk& walk) const override {
    if (!dns::is_at_or_below_any(walk.question().lower_qname.view(), zones_)) return Turn::Pass;
    const std::optional<SearchPath> path = path_of(walk);
    if (path) walk.see_me({{0, path->in_front, path->own}});
    return Turn::Pass;
  }

  // Where this block has nobody for a name, another may: the client asks it, having heard that the
  // first is none.
  Turn see(Walk& walk, Note& note) const override {
    const dns::Answer& last = walk.found() != nullptr ? *walk.found() : walk.answer();
    if (walk.found() != nullptr && walk.found_nobody()) return end_with_first(walk);
    if (last.rcode != dns::Rcode::NxDomain && !is_passed_over(walk, last)) {
      if (walk.found() != nullptr) answer_with_alias(walk);
      found_.count(walk);
      return Turn::Done;
    }
    return try_next(walk, note);
  }

  // As if there were no such name: only when nothing is said to any of them the client waits.
  Turn dropped(Walk& walk, Note& note) const override { return try_next(walk, note); }

 private:
  [[nodiscard]] Turn try_next(Walk& walk, Note& note) const {
    const SearchPath path{note.words[1], note.words[2], rest()};
    for (;;) {
      const auto name = name_of(path, walk.question(), ++note.words[0]);
      if (!name) return end_with_first(walk);
      walk.forget_failure();
      if (name->size() > 1) return walk.ask_rest(name->view(), walk.question().qtype);
    }
  }

  // A failure without words: as in CoreDNS, where nothing has been said then.
  static bool is_passed_over(const Walk& walk, const dns::Answer& last) {
    return last.rcode != dns::Rcode::NoError && walk.made_by() == 0 && walk.error().empty();
  }

  static Turn end_with_first(Walk& walk) {
    walk.forget_failure();
    const dns::Rcode first = walk.answer().rcode;
    if (first == dns::Rcode::NoError) return Turn::Drop;  // nothing was said to it
    return first == dns::Rcode::NxDomain ? Turn::Done : walk.fail(first);
  }

  [[nodiscard]] std::optional<SearchPath> path_of(const Walk& walk) const {
    if (domains_ == nullptr) {
      const auto path = path_in(options_.search, walk.question());
      if (path && walk.telling() != nullptr)
        walk.telling()->tell("tries the name in " + list(options_.search) + " and alone");
      return path;
    }
    if (!domains_->list().empty()) return path_in(domains_->list(), walk.question());
    const auto own = domains_->find(walk);
    if (!own) return std::nullopt;
    return SearchPath{.in_front = own->in_front, .own = own->domains, .rest = rest()};
  }

  // Behind the domain or domains that are part of the question.
  [[nodiscard]] std::span<const dns::Name> rest() const {
    if (domains_ == nullptr) return std::span<const dns::Name>(options_.search).subspan(1);
    return domains_->list().empty() ? options_.host : domains_->list().subspan(1);
  }

  const Options options_;
  const std::vector<dns::Name> zones_;
  const ServerCounter found_;
  std::shared_ptr<const query::SearchDomains> domains_;  // null: the list of a file
};

// Which client asks cannot be known.
class Told : public query::Step {
 public:
  Told(std::string directive, std::vector<dns::Name> zones)
      : directive_(std::move(directive)), zones_(std::move(zones)) {}

  Turn ask(Walk& walk) const override {
    if (walk.depth() == 0 && dns::is_at_or_below_any(walk.question().lower_qname.view(), zones_))
      walk.telling()->tell("tries other domains for clients that " + directive_ + " knows");
    return Turn::Pass;
  }

 private:
  const std::string directive_;
  const std::vector<dns::Name> zones_;
};

bool is_in_block(const std::string& directive, const Plan& plan) {
  return std::ranges::find(plan.uses, directive, &Use::directive) != plan.uses.end();
}

// What the directive offers is known when it has been built, which comes later.
void take_domains(const std::string& directive, Autopath* step, Building& building) {
  net::LogSink& log = building.log();
  building.when_built([&log, directive, step](const Built& built) {
    const auto offered = built.search_domains.find(directive);
    if (offered != built.search_domains.end()) return step->use(offered->second);
    log.write(net::LogLevel::Warning, "autopath",
              directive + " does not know its clients: no search list is walked for them");
  });
}

void make_step(const Options& options, const std::vector<dns::Name>& zones, Building& building) {
  const bool known = is_in_block(options.directive, building.plan());
  if (known && building.explaining() != nullptr)
    return building.step(std::make_unique<Told>(options.directive, zones));
  auto step = std::make_unique<Autopath>(options, zones,
                                         ServerCounter(building, "coredns_autopath_success_total",
                                                       "Counter of requests that did autopath."));
  if (known) take_domains(options.directive, step.get(), building);
  building.step(std::move(step));
}

std::string text_of(const Options& options) {
  return list(options.search) + " " + list(options.host);
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  const std::vector<dns::Name> zones = names_at(cursor, options.zones);
  const std::string& directive = options.directive;
  const bool is_known = directive == "kubernetes" || directive == "erratic";
  if (!is_known && is_in_block(directive, plan))
    throw cursor.error(directive + " does not implement the AutoPather interface");
  if (!directive.empty() && !is_in_block(directive, plan))
    cursor.warn(directive + " is not in this block: no search list is walked for its clients");
  plan.identify(text_of(options));  // the files may have changed
  plan.make([options, zones](Building& building) { make_step(options, zones, building); });
}

}  // namespace fairlead::plugins::autopath
