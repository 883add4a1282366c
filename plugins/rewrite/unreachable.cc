#include "plugins/rewrite/unreachable.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fairlead::plugins::rewrite {
namespace {

using Kind = Match::Kind;

// Fires whatever is asked, by whom ever.
bool always_fires(const Rule& rule) {
  if (std::holds_alternative<CnameRule>(rule.what)) return true;
  const auto* edns = std::get_if<EdnsRule>(&rule.what);
  if (edns == nullptr) return false;
  if (edns->action == EdnsRule::Action::Unset) return true;
  const bool finds_its_data =
      edns->source == EdnsRule::Source::Data || edns->source == EdnsRule::Source::Subnet;
  if (edns->action == EdnsRule::Action::Set) return finds_its_data;
  return edns->action == EdnsRule::Action::Append && edns->source == EdnsRule::Source::Data;
}

bool matches_all(const Match& match) {
  constexpr std::array<std::string_view, 6> kAll{".*", "(.*)", "^(.*)$", "^.*$", "^(.*)", "^.*"};
  if (match.kind == Kind::Regex) return std::ranges::find(kAll, match.from) != kAll.end();
  return match.from == "." && (match.kind == Kind::Suffix || match.kind == Kind::Substring);
}

// Every name that `late` is for is one that `early` is for.
bool covers(const Match& early, const Match& late) {
  if (matches_all(early)) return true;
  if (early.kind == late.kind && early.from == late.from) return true;
  if (late.kind == Kind::Regex) return false;
  switch (early.kind) {
    case Kind::Prefix:
      return (late.kind == Kind::Prefix || late.kind == Kind::Exact) &&
             late.from.starts_with(early.from);
    case Kind::Suffix:
      return (late.kind == Kind::Suffix || late.kind == Kind::Exact) &&
             late.from.ends_with(early.from);
    case Kind::Substring:
      return late.from.find(early.from) != std::string::npos;
    case Kind::Exact:
    case Kind::Regex:
      break;
  }
  return false;
}

bool covers(const Rule& early, const Rule& late) {
  if (always_fires(early)) return true;
  const Match* const first = early.match();
  const Match* const second = late.match();
  if (first != nullptr) {
    const auto* name = std::get_if<NameRule>(&early.what);
    const bool may_be_skipped =
        name != nullptr && std::ranges::any_of(name->whole, [](const Part& part) {
          return part.kind == Part::Kind::Label;
        });
    return !may_be_skipped && (second != nullptr ? covers(*first, *second) : matches_all(*first));
  }
  const auto* type = std::get_if<TypeRule>(&early.what);
  const auto* later_type = std::get_if<TypeRule>(&late.what);
  if (type != nullptr && later_type != nullptr) return type->from == later_type->from;
  const auto* rr_class = std::get_if<ClassRule>(&early.what);
  const auto* later_class = std::get_if<ClassRule>(&late.what);
  return rr_class != nullptr && later_class != nullptr && rr_class->from == later_class->from;
}

// A rule in between makes another question of it, for which `early` was not tried.
bool changes_question(const Rule& rule) {
  return rule.goes_on && (std::holds_alternative<NameRule>(rule.what) ||
                          std::holds_alternative<TypeRule>(rule.what) ||
                          std::holds_alternative<ClassRule>(rule.what));
}

std::string line(const Rule& rule) {
  return "\"rewrite " + rule.text + "\" (" + rule.place + ")";
}

const Rule* who_keeps_from(std::span<const Rule> rules, size_t late) {
  bool same_question = true;  // from the early rule to the late one
  for (size_t i = late; i-- > 0;) {
    const Rule& early = rules[i];
    same_question = same_question && !changes_question(early);
    if (early.goes_on) continue;
    if (always_fires(early) || (same_question && covers(early, rules[late]))) return &early;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> warnings_about(std::span<const Rule> rules) {
  std::vector<std::string> warnings;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (const Rule* const early = who_keeps_from(rules, i)) {
      warnings.push_back(line(rules[i]) + " is never reached: " + line(*early) +
                         " ends the list before it");
    }
    const auto* cname = std::get_if<CnameRule>(&rules[i].what);
    if (cname != nullptr && cname->match.kind == Kind::Suffix && !cname->match.from.ends_with('.'))
      warnings.push_back(line(rules[i]) + " changes nothing: targets end with a dot");
  }
  return warnings;
}

}  // namespace fairlead::plugins::rewrite
