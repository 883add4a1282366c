#include "plugins/rewrite/request.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>

#include "dns/answer.h"
#include "dns/edns_option.h"
#include "plugins/rewrite/name_text.h"

namespace fairlead::plugins::rewrite {
namespace {

std::span<const uint8_t> octets_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

Request::Request(const RuleList& list, const Asked& asked, Scratch& scratch)
    : list_(list),
      asked_(asked),
      scratch_(scratch),
      qtype_(asked.query.qtype),
      qclass_(asked.query.qclass) {
  scratch.fired.clear();
  scratch.names.clear();
  scratch.names.push_back(asked.query.lower_qname);
}

bool Request::run() {
  size_t next = 0;  // rules before it have been tried
  for (size_t i = 0; i < scratch_.found.size();) {
    const uint32_t number = scratch_.found[i++];
    if (number < next) continue;
    next = number + 1;
    const Rule& rule = list_.rules[number];
    const size_t names = scratch_.names.size();
    if (!try_rule(rule, number)) continue;
    if (invalid_) return false;
    fired_any_ = true;
    scratch_.fired.push_back(number);
    if (!rule.goes_on) return true;
    if (scratch_.names.size() == names) continue;
    list_.matcher.find(scratch_.name, asked_.worker, scratch_.found);
    i = 0;
  }
  return true;
}

// True when it fires.
bool Request::try_rule(const Rule& rule, uint32_t number) {
  if (const auto* name = std::get_if<NameRule>(&rule.what)) return rename(*name, number);
  if (const auto* edns = std::get_if<EdnsRule>(&rule.what)) return change_options(*edns);
  if (const auto* type = std::get_if<TypeRule>(&rule.what)) {
    if (qtype_ != type->from) return false;
    qtype_ = type->to;
    return true;
  }
  if (const auto* rr_class = std::get_if<ClassRule>(&rule.what)) {
    if (qclass_ != rr_class->from) return false;
    qclass_ = rr_class->to;
    return true;
  }
  leave(number);  // of the others the matcher knows that they are for the name
  return true;
}

bool Request::rename(const NameRule& rule, uint32_t number) {
  auto text = apply({rule.match, rule.to, rule.whole}, scratch_.name, asked_.label);
  if (!text) return false;
  const auto name = dns::Name::from_text(*text);
  scratch_.name = std::move(*text);
  if (!name) return invalid_ = true;
  std::deque<dns::Name>& names = scratch_.names;
  const dns::NameView before = names.back().view();
  names.emplace_back().set_lowered(name->view());
  if (names.back() == *std::prev(names.end(), 2)) {  // it stays what it is
    names.pop_back();
  } else {
    renamed_ = true;
  }
  const bool needs_names = rule.automatic && rule.match.kind != Match::Kind::Suffix;
  if (needs_names) {
    trail_.push_back({number, before, names.back().view()});
  } else if (rule.automatic || !rule.answers.empty()) {
    leave(number);
  }
  return true;
}

bool Request::change_options(const EdnsRule& rule) {
  if (!options_changed_ && asked_.query.has_edns) {
    const std::span<const uint8_t> options = asked_.query.edns.options;
    sent_.assign(options.begin(), options.end());
    shown_ = sent_;
  }
  options_changed_ = true;
  std::string name;
  if (rule.source == EdnsRule::Source::Qname)
    name = renamed_ ? scratch_.name : dns::to_text(asked_.query.qname);
  const auto data = data_of(rule, {asked_.query, asked_.peers, name, asked_.label});
  if (!data || data->size() > dns::Answer::kMaxOptionData) return false;
  if (!edit(rule, octets_of(*data), sent_)) return false;
  if (!rule.revert) edit(rule, octets_of(*data), shown_);
  edns_.push_back(&rule);
  return true;
}

bool Request::is_named(uint16_t code, bool local) const {
  return std::ranges::any_of(
      edns_, [&](const EdnsRule* rule) { return rule->code == code && (rule->local || !local); });
}

// Of options that nobody has written a rule for, those that a client sends are for this server.
Options Request::only_named(const Options& options, bool local) const {
  Options named;
  dns::OptionReader reader(options);
  while (const auto option = reader.next()) {
    if (!is_named(static_cast<uint16_t>(option->code), local)) continue;
    const uint8_t* const end = option->data.data() + option->data.size();
    named.insert(named.end(), option->data.data() - dns::kOptionHead, end);
  }
  return named;
}

Options Request::upstream_options() const {
  return only_named(sent_, false);
}

Options Request::shown_options() const {
  return asked_.query.has_edns ? only_named(shown_, true) : Options();
}

Trail Request::take_trail() {
  return {.qname = asked_.query.qname,
          .qtype = asked_.query.qtype,
          .qclass = asked_.query.qclass,
          .renamed = renamed_,
          .options = {},
          .fired = std::move(trail_)};
}

}  // namespace fairlead::plugins::rewrite
