// The rewrite directive in a block's chain: in front of acl and cache, which know the new name
// alone.
#include "query/step.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dns/edns_option.h"
#include "dns/name.h"
#include "plugins/building.h"
#include "plugins/rewrite/metadata.h"
#include "plugins/rewrite/name_text.h"
#include "plugins/rewrite/reply.h"
#include "plugins/rewrite/request.h"
#include "plugins/rewrite/setup.h"
#include "query/walk.h"

namespace fairlead::plugins::rewrite {
namespace {

using query::Note;
using query::Turn;
using query::Walk;

// Words of a note.
constexpr size_t kPlace = 0;  // of the trail, in Walk::kept_octets()
constexpr size_t kDone = 1;   // rules of the trail that have changed the answer, from the end

constexpr uint16_t kMostWithoutEdns = 15;  // RFC 6891 §6.1.3

// Of rules that look at the type or class alone: none is for this question.
bool none_fires(const RuleList& list, std::span<const uint32_t> found, const dns::Query& query) {
  return std::ranges::all_of(found, [&](uint32_t number) {
    const Rule::What& what = list.rules[number].what;
    if (const auto* type = std::get_if<TypeRule>(&what)) return type->from != query.qtype;
    const auto* rr_class = std::get_if<ClassRule>(&what);
    return rr_class != nullptr && rr_class->from != query.qclass;
  });
}

class Rewrite : public query::Step {
 public:
  Rewrite(std::shared_ptr<const RuleList> list, query::LocalAt<Scratch> scratch)
      : list_(std::move(list)), scratch_(std::move(scratch)) {}

  Turn ask(Walk& walk) const override {
    Scratch& scratch = walk.local(scratch_);
    const dns::Query& question = walk.question();
    const size_t worker = walk.worker().number();
    write_text(question.lower_qname.view(), scratch.name);
    list_->matcher.find(scratch.name, worker, scratch.found);
    if (!none_fires(*list_, scratch.found, question)) return rewrite(walk, scratch);
    if (walk.telling() != nullptr) walk.telling()->tell("has no rule for this question");
    return Turn::Pass;
  }

  // With found() after a CNAME's new target has been asked for.
  Turn see(Walk& walk, Note& note) const override {
    const Trail trail = read_trail(walk.kept_octets(note.words[kPlace]));
    dns::Answer& answer = walk.answer();
    if (walk.found() != nullptr) {
      name_owners(answer, walk.question().qname);  // a loop's repeats are found by their names
      walk.end_chain();
      answer.drop_repeats();
      ++note.words[kDone];
    } else if (names_matter(trail)) {
      name_owners(answer, walk.question().lower_qname.view());
    }
    for (; note.words[kDone] < trail.fired.size(); ++note.words[kDone]) {
      const Fired& fired = trail.fired[trail.fired.size() - 1 - note.words[kDone]];
      const Rule& rule = list_->rules[fired.rule];
      const auto* cname = std::get_if<CnameRule>(&rule.what);
      if (cname == nullptr) {
        change(answer, rule, fired);
      } else if (const auto target = find_target(answer, *cname)) {
        if (asks_for(walk, answer, *target))
          return walk.ask_server(target->name.view(), walk.question().qtype);
      }
    }
    restore(walk, trail);
    if (static_cast<uint16_t>(answer.rcode) > kMostWithoutEdns && !walk.received().has_edns)
      answer.rcode = dns::Rcode::ServFail;
    return Turn::Done;
  }

 private:
  Turn rewrite(Walk& walk, Scratch& scratch) const {
    const LabelValue label = [&walk](const std::string& name) { return label_value(walk, name); };
    const Request::Asked asked{walk.question(), walk.peers(), walk.worker().number(), label};
    Request request(*list_, asked, scratch);
    if (!request.run()) {
      return walk.fail(dns::Rcode::ServFail, "invalid name after rewrite: " + request.name());
    }
    if (walk.telling() != nullptr) tell(walk, request);
    if (request.untouched()) return Turn::Pass;
    keep_trail(walk, request, scratch.trail);  // before the question is another one
    if (request.options_changed()) walk.set_upstream_options(request.upstream_options());
    if (request.renamed()) walk.set_name(request.qname());
    if (request.qtype() != walk.question().qtype || request.qclass() != walk.question().qclass) {
      walk.change_question().qtype = request.qtype();
      walk.change_question().qclass = request.qclass();
    }
    return Turn::Pass;
  }

  static void keep_trail(Walk& walk, Request& request, std::vector<uint8_t>& octets) {
    Trail trail = request.take_trail();
    const Options shown = request.shown_options();
    trail.options = shown;
    const bool same = !trail.renamed && request.qtype() == trail.qtype &&
                      request.qclass() == trail.qclass && trail.fired.empty() && shown.empty();
    if (same) return;
    write(trail, octets);
    walk.see_me({{walk.keep_octets(octets), 0}});
  }

  void tell(Walk& walk, const Request& request) const {
    std::string rules;
    for (const uint32_t number : request.fired()) {
      const Rule& rule = list_->rules[number];
      rules += (rules.empty() ? "\"" : ", \"") + rule.text + "\"";
      if (list_->rules.size() > 1) rules += " of " + rule.place;
    }
    if (rules.empty()) return walk.telling()->tell("has no rule for this question");
    const dns::Query& question = walk.question();
    std::string now;
    if (request.renamed()) now += " " + dns::to_text(request.qname());
    if (request.qclass() != question.qclass) now += " " + dns::to_text(request.qclass());
    if (request.qtype() != question.qtype) now += " " + dns::to_text(request.qtype());
    walk.telling()->tell(rules + (now.empty() ? " is for this question" : " makes it" + now));
  }

  // Owners must be what the steps behind have been asked for before rules can look at them.
  [[nodiscard]] bool names_matter(const Trail& trail) const {
    return trail.renamed || std::ranges::any_of(trail.fired, [this](const Fired& fired) {
             return std::holds_alternative<NameRule>(list_->rules[fired.rule].what);
           });
  }

  // Who asks for the CNAME itself is not told what its target has, and a loop is told as it is.
  static bool asks_for(const Walk& walk, dns::Answer& answer, const Target& target) {
    cut_chain(answer, target);
    if (walk.question().qtype == dns::RrType::Cname) return false;
    return std::ranges::none_of(answer.records(), [&](const dns::Record& record) {
      const dns::NameView owner = answer.name(record.owner, walk.question().qname);
      return dns::equal_ignoring_case(owner, target.name.view());
    });
  }

  // The question is the client's again, for those in front and for what is made of its name.
  static void restore(Walk& walk, const Trail& trail) {
    const dns::Query& question = walk.question();
    if (trail.renamed) walk.set_name(trail.qname);
    if (question.qtype != trail.qtype || question.qclass != trail.qclass) {
      walk.change_question().qtype = trail.qtype;
      walk.change_question().qclass = trail.qclass;
    }
    dns::OptionReader reader(trail.options);
    while (const auto option = reader.next()) {
      if (!dns::find_option(walk.answer().options(), option->code))
        walk.answer().add_option(option->code, option->data);
    }
  }

  const std::shared_ptr<const RuleList> list_;
  const query::LocalAt<Scratch> scratch_;
};

bool takes_other_classes(const std::vector<Rule>& rules) {
  return std::ranges::any_of(rules, [](const Rule& rule) {
    const auto* rr_class = std::get_if<ClassRule>(&rule.what);
    return rr_class != nullptr && rr_class->from != dns::RrClass::In;
  });
}

void make_step(const std::vector<Rule>& rules, Building& building) {
  if (takes_other_classes(rules)) building.take_other_classes();
  auto list = std::make_shared<const RuleList>(rules, building.site().workers);
  auto scratch = building.local<Scratch>(
      [](asio::io_context&, size_t) { return std::make_shared<Scratch>(); });
  building.step(std::make_unique<Rewrite>(std::move(list), std::move(scratch)));
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([rules = parse(cursor)](Building& building) { make_step(rules, building); });
}

}  // namespace fairlead::plugins::rewrite
