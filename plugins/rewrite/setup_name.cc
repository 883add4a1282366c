// Name rules: what is matched, what takes its place, and what replies are changed to.
#include <charconv>
#include <string_view>
#include <utility>

#include "dns/name.h"
#include "plugins/rewrite/setup.h"
#include "plugins/rewrite/words.h"

namespace fairlead::plugins::rewrite {
namespace {

using Kind = Match::Kind;

// How many of `{0}` to `{100}` the text has.
int groups_used(const std::string& text) {
  int used = 0;
  for (int i = 0; i <= 100; ++i)
    if (text.find("{" + std::to_string(i) + "}") != std::string::npos) ++used;
  return used;
}

PatternPtr checked_pattern(const std::string& from, const std::string& to) {
  if (from.size() > kMaxPattern) {
    throw RuleError("regex pattern too long: " + std::to_string(from.size()) + " > " +
                    std::to_string(kMaxPattern));
  }
  PatternPtr pattern = compile(from);
  if (!pattern) throw RuleError("invalid regex matching pattern: " + from);
  if (groups_used(to) > groups_of(*pattern)) {
    throw RuleError("the rewrite regex pattern (" + to +
                    ") uses more subexpressions than its corresponding matching regex pattern (" +
                    from + ")");
  }
  return pattern;
}

bool is_label(const std::string& text) {
  const size_t slash = text.find('/');
  return slash != std::string::npos && slash > 0 && slash + 1 < text.size();
}

// What stands between braces: the number of a group, or a label of metadata.
Part placeholder(const std::string& text, int groups) {
  int group = 0;
  const char* const last = text.data() + text.size();
  const bool plus = text.starts_with('+') && !text.starts_with("+-");  // as Go reads it
  const auto [end, error] = std::from_chars(text.data() + (plus ? 1 : 0), last, group);
  if (error == std::errc() && end == last) {
    if (group < 0 || group > groups)
      throw RuleError("capture group " + text + " does not exist in name matching pattern");
    return {Part::Kind::Group, group, {}};
  }
  if (!is_label(text) || text.find('{') != std::string::npos)
    throw RuleError("invalid metadata label \"" + text + "\" in name replacement");
  return {Part::Kind::Label, 0, text};
}

Replacement with_labels(std::string_view text, int groups) {
  Replacement parts;
  while (!text.empty()) {
    const size_t open = text.find('{');
    const std::string_view before = text.substr(0, open);
    if (before.find('}') != std::string_view::npos)
      throw RuleError("unmatched closing brace in metadata name replacement");
    if (!before.empty()) parts.push_back({Part::Kind::Text, 0, dns::lowered(before)});
    if (open == std::string_view::npos) break;
    const size_t close = text.find('}', open);
    if (close == std::string_view::npos)
      throw RuleError("unclosed placeholder in metadata name replacement");
    parts.push_back(placeholder(std::string(text.substr(open + 1, close - open - 1)), groups));
    text.remove_prefix(close + 1);
  }
  return parts;
}

// One `name|value RE TO`; `words` begin with RE.
AnswerRule parse_answer(const std::string& field, const std::string& kind, Words words) {
  const std::string where = field + " answer rule for " + kind + " rule: ";
  if (words.size() < 2) throw RuleError(where + "2 arguments required");
  try {
    AnswerRule rule;
    rule.field = field == "name" ? AnswerRule::Field::Owner : AnswerRule::Field::Value;
    rule.pattern = checked_pattern(words[0], words[1]);
    rule.to = replacement_of(normalized(words[1]), groups_of(*rule.pattern));
    return rule;
  } catch (const RuleError& error) {
    throw RuleError(where + error.what());
  }
}

void parse_answers(const std::string& kind, Words words, NameRule& rule) {
  if (words.size() < 2) throw RuleError("invalid arguments for " + kind + " rule");
  if (words[0] != "answer") {
    throw RuleError("exceeded the number of arguments for a non-answer rule argument for " + kind +
                    " rule");
  }
  bool owners = false;
  while (!words.empty()) {
    if (words[0] == "answer") words = words.subspan(1);
    if (words.empty()) throw RuleError("type missing for answer rule for " + kind + " rule");
    const std::string& field = words[0];
    words = words.subspan(1);
    if (field == "auto") {
      rule.automatic = true;
      continue;
    }
    if (field != "name" && field != "value")
      throw RuleError("invalid type \"" + std::string(field).append("\" for answer rule for ") +
                      kind + " rule");
    rule.answers.push_back(parse_answer(field, kind, words));
    owners = owners || field == "name";
    words = words.subspan(2);
  }
  if (rule.automatic && owners) {
    throw RuleError(
        "auto name answer rule cannot be combined with explicit name anwer rules");  // sic
  }
}

// Behind the kind: FROM TO.
void parse_regex(Words words, bool metadata, NameRule& rule) {
  rule.match.from = words[0];
  rule.match.pattern = checked_pattern(words[0], metadata ? std::string() : words[1]);
  const int groups = groups_of(*rule.match.pattern);
  if (metadata) {
    const std::string to = words[1].ends_with('.') ? words[1] : words[1] + '.';
    rule.whole = with_labels(to, groups);
  } else {
    rule.whole = replacement_of(normalized(words[1]), groups);
  }
}

}  // namespace

NameRule parse_name(Words words) {
  if (words.size() < 2) throw RuleError("too few arguments for a name rule");
  const std::string kind = words.size() == 2 ? "exact" : dns::lowered(words[0]);
  if (words.size() > 2) words = words.subspan(1);
  NameRule rule;
  const bool known = read_kind(kind, rule.match.kind);
  const bool metadata = words.size() > 2 && words[2] == "metadata";
  if (metadata && rule.match.kind != Kind::Regex)
    throw RuleError("metadata is only supported for regex name rules");
  const size_t answers = metadata ? 3 : 2;
  if (words.size() > answers) parse_answers(kind, words.subspan(answers), rule);
  if (!known) {
    throw RuleError(
        "name rule supports only exact, prefix, suffix, substring, and regex name matching, "
        "received: " +
        kind);
  }
  if (rule.match.kind == Kind::Regex) {
    parse_regex(words, metadata, rule);
    return rule;
  }
  rule.match.from = normalized(words[0]);
  rule.to = normalized(words[1]);
  if (rule.match.kind == Kind::Exact) {
    checked_pattern(rule.to, rule.match.from);  // as in CoreDNS, for its errors alone
    rule.automatic = true;
  }
  return rule;
}

}  // namespace fairlead::plugins::rewrite
