#include "plugins/template/warnings.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "dns/name.h"
#include "dns/query.h"
#include "dns/text_record.h"

namespace fairlead::plugins::templates {
namespace {

// A question as it may come: what most templates make of it is a record like those that they will
// make.
struct Sample {
  explicit Sample(const Rule& rule)
      : zone(rule.zones.empty() ? "." : rule.zones.front()),
        name("x." + (zone == "." ? "" : zone)),
        rr_class(dns::to_text(rule.rr_class)),
        type(dns::to_text(rule.type)) {
    matches.emplace_back(name);
    if (rule.patterns.empty()) return;
    for (const GroupName& one : rule.patterns.front()->group_names())
      matches.resize(std::max(matches.size(), one.number + 1), "1");
  }

  [[nodiscard]] Data data(const Rule& rule) const {
    Data data{.name = name,
              .zone = zone,
              .regex = ".*",
              .matches = matches,
              .class_text = rr_class,
              .type_text = type};
    if (!rule.patterns.empty()) data.group_names = rule.patterns.front()->group_names();
    return data;
  }

  std::string zone;
  std::string name;
  std::string rr_class;
  std::string type;
  std::vector<std::string_view> matches;
};

// The record that a template makes of the sample; none, with the reason, when it makes none.
std::optional<dns::RrType> sample_type(const Rule& rule, const TextTemplate& text,
                                       std::string& wrong) {
  const Sample sample(rule);
  Texts texts;
  std::string out;
  dns::TextRecord record;
  wrong = text.execute(sample.data(rule), texts, out);
  if (wrong.empty()) wrong = record.read(out);
  return wrong.empty() ? std::optional(record.type()) : std::nullopt;
}

bool has_braces(const std::vector<Piece>& pieces) {
  return std::ranges::any_of(pieces, [](const Piece& piece) {
    return piece.text.find("{}") != std::string::npos || has_braces(piece.then) ||
           has_braces(piece.otherwise);
  });
}

void warn_of(const Rule& rule, const RecordTemplate& made, std::vector<std::string>& warnings) {
  const std::string text = '"' + made.text.canonical() + '"';
  if (has_braces(made.text.program().pieces)) {
    warnings.push_back(text +
                       " has {} in it: a {$x} within {{$x}} was taken for an environment variable");
    return;
  }
  std::string wrong;
  const auto type = sample_type(rule, made.text, wrong);
  if (!type) {
    if (made.text.is_constant()) warnings.push_back(text + " is no record: " + wrong);
    return;
  }
  const bool answers = made.section != dns::Section::Answer || rule.type == dns::RrType::Any ||
                       *type == rule.type || *type == dns::RrType::Cname ||
                       *type == dns::RrType::Dname;
  if (!answers) {
    warnings.push_back(text + " is of type " + dns::to_text(*type) +
                       ", which answers no question of type " + dns::to_text(rule.type));
  }
}

}  // namespace

std::vector<std::string> warnings_of(const Rule& rule) {
  std::vector<std::string> warnings;
  if (!rule.patterns.empty() && rule.fall_through.empty())
    warnings.emplace_back("names that do not match get SERVFAIL: there is no fallthrough");
  for (const auto* records : {&rule.answers, &rule.authorities, &rule.additionals}) {
    for (const RecordTemplate& made : *records) warn_of(rule, made, warnings);
  }
  return warnings;
}

}  // namespace fairlead::plugins::templates
