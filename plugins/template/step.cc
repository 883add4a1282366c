// The template directive in a block's chain, one step for each use: behind cache and minimal, in
// front of hosts, kubernetes and forward.
#include "query/step.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/building.h"
#include "plugins/names.h"
#include "plugins/template/counters.h"
#include "plugins/template/expressions.h"
#include "plugins/template/rule_match.h"
#include "plugins/template/setup.h"
#include "query/walk.h"

namespace fairlead::plugins::templates {
namespace {

using query::Note;
using query::Turn;
using query::Walk;

// What is told of the question elsewhere in its block (metadata).
class WalkLabels : public Labels {
 public:
  explicit WalkLabels(const Walk& walk) : walk_(walk) {}
  [[nodiscard]] std::string_view find(std::string_view label) const override {
    std::string value;
    if (!walk_.label(label, value)) return {};
    return *told_.emplace_back(std::make_unique<const std::string>(std::move(value)));
  }

 private:
  const Walk& walk_;
  mutable std::vector<std::unique_ptr<const std::string>> told_;
};

// What a header takes (RFC 6891 §6.1.3).
constexpr auto kMostPlain = static_cast<dns::Rcode>(15);

// A template and what metrics call it.
struct Counted {
  const RecordTemplate* made = nullptr;
  uint16_t text = 0;
};

class Template : public query::Step {
 public:
  struct Parts {
    std::shared_ptr<const Options> options;  // holds the rule
    RuleMatch match;
    std::vector<Counted> records;  // in the order in which they are made
    std::vector<size_t> counters;  // by zone: numbers of the block's counters
    std::vector<TtlRanges> ttls;   // by zone
    query::LocalAt<Workspace> workspace;
  };
  explicit Template(Parts parts) : parts_(std::move(parts)) {}

  Turn ask(Walk& walk) const override {
    const dns::Query& question = walk.question();
    const size_t zone = parts_.match.zone_for(question);
    if (zone == SIZE_MAX) return pass(walk, "is not for this name, class or type");
    Workspace& space = walk.local(parts_.workspace);
    const WalkLabels labels(walk);
    Data data{.remote = walk.peers().client.address, .labels = &labels};
    if (!parts_.match.match(question, zone, space, data)) return no_match(walk);
    const Rule& rule = parts_.match.rule();
    std::optional<Evaluation> evaluation;  // what it has made is used by the records
    if (!rule.variables.empty() || !rule.conditions.empty()) {
      space.variables.clear();
      const Verdict verdict =
          evaluation.emplace().run(rule, question, walk.peers(), space.variables, data);
      if (verdict == Verdict::Failed) return evaluation_failed(walk);
      if (verdict == Verdict::Not) return no_match(walk);
    }
    return answer(walk, zone, space, data);
  }

  // Behind a CNAME: what its target has comes right behind it. The reply's code stays the
  // template's.
  Turn see(Walk& walk, Note& note) const override {
    dns::Answer& answer = walk.answer();
    const size_t before = answer.records().size();
    walk.append_found();
    const auto records = answer.records();
    const auto from = records.begin() + static_cast<std::ptrdiff_t>(note.words[0]);
    std::rotate(from, records.begin() + static_cast<std::ptrdiff_t>(before), records.end());
    note.words[0] += records.size() - before;
    return follow(walk, note);
  }

 private:
  Turn answer(Walk& walk, size_t zone, Workspace& space, const Data& data) const {
    count(walk, zone, {});
    tell(walk, data);
    const Rule& rule = parts_.match.rule();
    if (rule.rcode == dns::Rcode::ServFail) return walk.fail(rule.rcode);
    if (rule.rcode > kMostPlain && !walk.received().has_edns)
      return walk.fail(dns::Rcode::ServFail, "plugin/template: the code needs EDNS");
    const std::string wrong = make_records(walk, zone, space, data);
    if (!wrong.empty()) return walk.fail(dns::Rcode::ServFail, wrong);
    dns::Answer& answer = walk.answer();
    answer.rcode = rule.rcode;
    answer.authoritative = true;
    if (rule.extended_error)
      answer.add_extended_error(rule.extended_error->code, rule.extended_error->text);
    return follow(walk, {});
  }

  // Silent, whatever falls through, as in CoreDNS: what was asked for cannot be told.
  static Turn evaluation_failed(Walk& walk) {
    if (walk.telling() != nullptr) walk.telling()->tell("has expressions that fail for this name");
    return walk.fail(dns::Rcode::ServFail);
  }

  static Turn pass(Walk& walk, const char* why) {
    if (walk.telling() != nullptr) walk.telling()->tell(why);
    return Turn::Pass;
  }

  Turn no_match(Walk& walk) const {
    if (parts_.match.falls_through(walk.question()))
      return pass(walk, "does not match the name: passed on");
    if (walk.telling() != nullptr)
      walk.telling()->tell("does not match the name, and fallthrough does not pass it on");
    return walk.fail(dns::Rcode::ServFail);
  }

  static void tell(Walk& walk, const Data& data) {
    if (walk.telling() == nullptr) return;
    walk.telling()->tell("answers, in zone " + std::string(data.zone) +
                         (data.regex == ".*" ? "" : ": matches " + std::string(data.regex)));
  }

  void count(Walk& walk, size_t zone, Event event) const {
    const size_t number = parts_.counters.empty() ? Building::kNotCounted : parts_.counters[zone];
    if (number == Building::kNotCounted) return;
    event.rr_class = parts_.match.class_of(walk.question());
    event.type = parts_.match.type_of(walk.question());
    walk.counters<TemplateCounters>(number)->count(event);
  }

  // Everything that the reply has of its own. Returns what is wrong with one of them.
  std::string make_records(Walk& walk, size_t zone, Workspace& space, const Data& data) const {
    for (const Counted& one : parts_.records) {
      const dns::Section section = one.made->section;
      space.text.clear();
      space.texts.clear();
      std::string wrong = one.made->text.execute(data, space.texts, space.text);
      if (!wrong.empty()) {
        count(walk, zone, {Event::Kind::TemplateFailure, section, one.text});
        return wrong;
      }
      wrong = space.record.read(space.text);
      if (wrong.empty()) wrong = add(space.record, section, ttl_range(zone), walk.answer());
      if (!wrong.empty()) {
        count(walk, zone, {Event::Kind::RecordFailure, section, one.text});
        return wrong;
      }
    }
    return {};
  }

  // What clients keep, they keep for as long as the cache would have.
  [[nodiscard]] TtlRange ttl_range(size_t zone) const {
    const Rule& rule = parts_.match.rule();
    const bool denies = rule.rcode != dns::Rcode::NoError || rule.answers.empty();
    return denies ? parts_.ttls[zone].denial : parts_.ttls[zone].success;
  }

  // A reply has one class.
  static std::string add(const dns::TextRecord& record, dns::Section section, TtlRange ttls,
                         dns::Answer& answer) {
    if (answer.records().empty()) answer.record_class = record.record_class();
    if (answer.record_class != record.record_class()) {
      return "dns: a record of class " + dns::to_text(record.record_class()) + " beside one of " +
             dns::to_text(answer.record_class);
    }
    answer.add_raw(section, answer.add_name(record.owner()), record.type(),
                   ttls.clamp(record.ttl()), record.rdata());
    return {};
  }

  // Asks for the target of the next CNAME that a template has made, from record number
  // note.words[0] on. One that names itself leads nowhere.
  static Turn follow(Walk& walk, Note note) {
    dns::Answer& answer = walk.answer();
    const dns::Query& question = walk.question();
    const bool address = question.qtype == dns::RrType::A || question.qtype == dns::RrType::Aaaa;
    const auto records = answer.records();
    for (size_t i = note.words[0]; address && i < records.size(); ++i) {
      const dns::Record& record = records[i];
      if (record.section != dns::Section::Answer || record.type != dns::RrType::Cname) continue;
      const dns::Name target{dns::NameView(answer.rdata(record))};
      if (dns::equal_ignoring_case(target.view(), question.qname)) continue;
      walk.see_me({{i + 1}});
      return walk.ask_server(target.view(), question.qtype);
    }
    if (note.words[0] != 0) answer.drop_repeats();
    return Turn::Done;
  }

  const Parts parts_;
};

std::vector<Counted> counted(const Rule& rule, TextNumbers& numbers) {
  std::vector<Counted> all;
  for (const auto* records : {&rule.answers, &rule.additionals, &rule.authorities}) {
    for (const RecordTemplate& made : *records)
      all.push_back({&made, numbers.number_of(made.text.canonical())});
  }
  return all;
}

void make_steps(const std::shared_ptr<const Options>& options,
                const std::vector<RuleMatch>& matches, Building& building) {
  const auto numbers =
      building.process<TextNumbers>([] { return std::make_shared<TextNumbers>(); });
  const auto workspace = building.local<Workspace>(
      [](asio::io_context&, size_t) { return std::make_shared<Workspace>(); });
  for (const RuleMatch& match : matches) {
    Template::Parts parts{options, match, counted(match.rule(), *numbers), {}, {}, workspace};
    for (const std::string& zone : match.rule().zones) {
      const auto name = dns::Name::from_text(zone);
      parts.ttls.push_back(name ? building.ttl_ranges(*name) : TtlRanges{});
    }
    if (building.explaining() == nullptr) {
      for (const std::string& zone : match.rule().zones)
        parts.counters.push_back(
            building.counters<TemplateCounters>("template", collector(numbers), zone));
    }
    building.step(std::make_unique<Template>(std::move(parts)));
  }
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const auto options = std::make_shared<const Options>(parse(cursor, plan.context()));
  std::vector<RuleMatch> matches;
  for (const Rule& rule : options->rules)
    matches.emplace_back(rule, names_at(cursor, rule.zones), names_at(cursor, rule.fall_through));
  plan.make([options, matches = std::move(matches)](Building& building) {
    make_steps(options, matches, building);
  });
}

}  // namespace fairlead::plugins::templates
