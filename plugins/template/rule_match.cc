#include "plugins/template/rule_match.h"

#include <utility>

#include "dns/name_text.h"

namespace fairlead::plugins::templates {

using dns::RrClass;
using dns::RrType;

RuleMatch::RuleMatch(const Rule& rule, std::vector<dns::Name> zones,
                     std::vector<dns::Name> fall_through)
    : rule_(rule), zones_(std::move(zones)), fall_through_(std::move(fall_through)) {}

// ANY matches both ways: a question of type ANY is answered by a template of type A.
size_t RuleMatch::zone_for(const dns::Query& question) const {
  const bool of_class = rule_.rr_class == RrClass::Any || question.qclass == RrClass::Any ||
                        rule_.rr_class == question.qclass;
  const bool of_type =
      rule_.type == RrType::Any || question.qtype == RrType::Any || rule_.type == question.qtype;
  size_t longest = SIZE_MAX;
  if (!of_class || !of_type) return longest;
  for (size_t i = 0; i < zones_.size(); ++i) {
    const dns::NameView zone = zones_[i].view();
    if (!dns::is_at_or_below(question.lower_qname.view(), zone)) continue;
    if (longest == SIZE_MAX || zone.size() > zones_[longest].size()) longest = i;
  }
  return longest;
}

RrClass RuleMatch::class_of(const dns::Query& question) const {
  return question.qclass == RrClass::Any ? rule_.rr_class : question.qclass;
}

RrType RuleMatch::type_of(const dns::Query& question) const {
  return question.qtype == RrType::Any ? rule_.type : question.qtype;
}

bool RuleMatch::match(const dns::Query& question, size_t zone, Workspace& space, Data& data) const {
  space.name.clear();
  dns::append_word(question.lower_qname.view(), space.name);
  data.regex = ".*";
  if (rule_.patterns.empty()) {
    space.matches.assign(1, space.name);
  } else {
    const Pattern* found = nullptr;
    for (const auto& pattern : rule_.patterns) {
      if (found == nullptr && pattern->find(space.name, space.matches)) found = pattern.get();
    }
    if (found == nullptr) return false;
    data.regex = found->text();
    data.group_names = found->group_names();
  }
  space.class_text = dns::to_text(class_of(question));
  space.type_text = dns::to_text(type_of(question));
  data.name = space.name;
  data.zone = rule_.zones[zone];
  data.matches = space.matches;
  data.class_text = space.class_text;
  data.type_text = space.type_text;
  data.question = &question;
  return true;
}

bool RuleMatch::falls_through(const dns::Query& question) const {
  return dns::is_at_or_below_any(question.lower_qname.view(), fall_through_);
}

}  // namespace fairlead::plugins::templates
