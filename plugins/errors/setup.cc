#include "plugins/errors/setup.h"

#include <re2/re2.h>

#include <optional>

#include "expression/pattern.h"

namespace fairlead::plugins::errors {
namespace {

void check_pattern(const corefile::Cursor& cursor, const std::string& pattern) {
  if (pattern.size() > kMaxPattern) {
    throw cursor.error("regex pattern too long: " + std::to_string(pattern.size()) + " > " +
                       std::to_string(kMaxPattern));
  }
  const auto compiled = expression::compile_pattern(pattern);
  if (!compiled->ok()) throw cursor.error("error parsing regexp: " + compiled->error());
}

std::optional<Level> level_of(const std::string& text) {
  if (text == "error") return Level::Error;
  if (text == "warning") return Level::Warning;
  if (text == "info") return Level::Info;
  if (text == "debug") return Level::Debug;
  return std::nullopt;
}

// What may follow the expression: a level, then show_first.
void parse_options(const corefile::Cursor& cursor, const std::vector<std::string>& args,
                   Consolidate& rule) {
  bool has_level = false;
  for (size_t i = 2; i < args.size(); ++i) {
    if (args[i] == "show_first") {
      rule.show_first = true;
      continue;
    }
    const std::optional<Level> level = level_of(args[i]);
    if (!level)
      throw cursor.error("unknown option in consolidate: " + args[i],
                         {"error", "warning", "info", "debug", "show_first"});
    if (has_level) throw cursor.error("multiple log levels specified in consolidate");
    if (rule.show_first) throw cursor.error("log level must come before show_first in consolidate");
    rule.level = *level;
    has_level = true;
  }
}

Consolidate parse_consolidate(corefile::Cursor& cursor) {
  const std::vector<std::string> args = cursor.remaining_args();
  if (args.size() < 2 || args.size() > 4) throw cursor.arg_error();
  Consolidate rule;
  rule.period = corefile::duration_argument(cursor, args[0]);
  if (rule.period.count() <= 0)
    throw cursor.error("consolidate period must be positive: " + args[0]);
  check_pattern(cursor, args[1]);
  rule.pattern = args[1];
  parse_options(cursor, args, rule);
  return rule;
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    cursor.require_once();
    const std::vector<std::string> args = cursor.remaining_args();
    if (args.size() > 1) throw cursor.arg_error();
    if (args.size() == 1 && args[0] != "stdout") throw cursor.error("invalid log file: " + args[0]);
    while (cursor.next_block()) {
      if (cursor.value() == "stacktrace") {
        cursor.no_args();
        options.stacktrace = true;
      } else if (cursor.value() == "consolidate") {
        if (options.consolidate.size() == kMaxRules)
          throw cursor.error("too many consolidate lines");
        options.consolidate.push_back(parse_consolidate(cursor));
      } else {
        throw cursor.unknown_property({"stacktrace", "consolidate"});
      }
    }
  }
  return options;
}

}  // namespace fairlead::plugins::errors
