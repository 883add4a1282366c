#include "plugins/rewrite/setup.h"

#include <optional>
#include <utility>

#include "dns/name.h"
#include "plugins/rewrite/unreachable.h"
#include "plugins/rewrite/words.h"

namespace fairlead::plugins::rewrite {
namespace {

using corefile::Cursor;

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
  return text;
}

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

dns::RrType type_of(const std::string& word) {
  const auto type = dns::rr_type_from_text(word);
  if (!type) throw RuleError("invalid type " + quoted(upper(word)));
  return *type;
}

dns::RrClass class_of(const std::string& word) {
  constexpr std::pair<const char*, uint16_t> kClasses[] = {{"IN", 1}, {"CS", 2},     {"CH", 3},
                                                           {"HS", 4}, {"NONE", 254}, {"ANY", 255}};
  for (const auto& [name, number] : kClasses)
    if (upper(word) == name) return static_cast<dns::RrClass>(number);
  throw RuleError("invalid class " + quoted(upper(word)));
}

Rule::What parse_rule(const std::string& type, const std::string& first, Words words) {
  if (type == "answer") throw RuleError("response rewrites must begin with a name rule");
  if (type == "name") return parse_name(words);
  if (type == "ttl") return parse_ttl(words);
  if (type == "rcode") return parse_rcode(words);
  if (type == "cname") return parse_cname(words);
  if (type == "edns0") return parse_edns(words);
  if (type != "class" && type != "type") throw RuleError("invalid rule type " + quoted(first));
  if (words.size() != 2) throw RuleError(type + " rules must have exactly two arguments");
  if (type == "class") return ClassRule{class_of(words[0]), class_of(words[1])};
  return TypeRule{type_of(words[0]), type_of(words[1])};
}

Rule parse_words(Words words) {
  if (words.empty()) throw RuleError("no rule type specified for rewrite");
  const std::string& first = words[0];
  std::string type = dns::lowered(first);
  Rule rule;
  rule.goes_on = type == "continue";
  for (const std::string& word : words) rule.text += (rule.text.empty() ? "" : " ") + word;
  words = words.subspan(1);
  if (rule.goes_on || type == "stop") {
    if (words.empty()) throw RuleError(type + " rule must begin with a rule type");
    type = dns::lowered(words[0]);
    words = words.subspan(1);
  }
  rule.what = parse_rule(type, first, words);
  return rule;
}

// All words of the braces are those of one rule, whatever lines they are on.
std::vector<std::string> words_of_use(Cursor& cursor) {
  std::vector<std::string> words = cursor.remaining_args();
  if (words.size() > 1) return words;
  while (cursor.next_block()) {
    words.push_back(cursor.value());
    for (std::string& word : cursor.remaining_args()) words.push_back(std::move(word));
  }
  return words;
}

}  // namespace

std::string normalized(const std::string& text) {
  std::string name = dns::lowered(text);
  if (!name.ends_with('.')) name += '.';
  return name;
}

bool read_kind(const std::string& word, Match::Kind& kind) {
  constexpr std::pair<const char*, Match::Kind> kKinds[] = {{"exact", Match::Kind::Exact},
                                                            {"prefix", Match::Kind::Prefix},
                                                            {"suffix", Match::Kind::Suffix},
                                                            {"substring", Match::Kind::Substring},
                                                            {"regex", Match::Kind::Regex}};
  for (const auto& [name, value] : kKinds) {
    if (word != name) continue;
    kind = value;
    return true;
  }
  return false;
}

std::vector<Rule> parse(Cursor& cursor) {
  std::vector<Rule> rules;
  while (cursor.next()) {
    if (cursor.token().opens()) throw cursor.error("no rule type specified for rewrite");
    const std::string place = cursor.token().file + ":" + std::to_string(cursor.token().line);
    const std::vector<std::string> words = words_of_use(cursor);
    try {
      rules.push_back(parse_words(words));
      rules.back().place = place;
    } catch (const RuleError& error) {
      throw cursor.error(error.what());
    }
  }
  for (std::string& warning : warnings_about(rules)) cursor.warn(std::move(warning));
  return rules;
}

}  // namespace fairlead::plugins::rewrite
