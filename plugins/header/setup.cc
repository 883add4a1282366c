#include "plugins/header/setup.h"

#include <algorithm>
#include <string>
#include <vector>

#include "dns/name.h"

namespace fairlead::plugins::header {
namespace {

std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return static_cast<char>(dns::lower(static_cast<uint8_t>(c)));
  });
  return text;
}

corefile::ConfigError rule_error(const corefile::Cursor& cursor, const std::string& message) {
  return cursor.error("setting up rule: " + message);
}

Flags& selected(const corefile::Cursor& cursor, Options& options) {
  const std::string selector = lowered(cursor.value());
  if (selector == "query") return options.query;
  if (selector == "response") return options.response;
  throw cursor.error(
      "setting up rule: invalid selector=" + selector + " should be query or response",
      {"query", "response"});
}

std::optional<bool>& flag_of(const corefile::Cursor& cursor, const std::string& word,
                             Flags& flags) {
  const std::string flag = lowered(word);
  if (flag == "aa") return flags.authoritative;
  if (flag == "ra") return flags.recursion_available;
  if (flag == "rd") return flags.recursion_desired;
  throw rule_error(cursor, "unknown/unsupported flag=" + flag);
}

void parse_rule(corefile::Cursor& cursor, Options& options) {
  Flags& flags = selected(cursor, options);
  if (!cursor.next_arg()) throw rule_error(cursor, "no flag action provided");
  const std::string action = lowered(cursor.value());
  const std::vector<std::string> words = cursor.remaining_args();
  if (words.empty())
    throw rule_error(cursor, "invalid length for flags, at least one should be provided");
  if (action != "set" && action != "clear")
    throw rule_error(cursor, "unknown flag action=" + action + ", should be set or clear");
  for (const std::string& word : words) flag_of(cursor, word, flags) = action == "set";
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    cursor.no_args();
    while (cursor.next_block()) parse_rule(cursor, options);
  }
  if (options == Options{}) throw cursor.arg_error();
  return options;
}

}  // namespace fairlead::plugins::header
