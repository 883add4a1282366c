#include "plugins/template/setup.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "corefile/arguments.h"
#include "dns/name.h"
#include "dns/text_octets.h"
#include "dns/text_record.h"
#include "expression/compile_error.h"
#include "plugins/template/expressions.h"
#include "plugins/template/warnings.h"

namespace fairlead::plugins::templates {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

// Those that replies may have, by CoreDNS's names.
constexpr std::array<std::pair<std::string_view, uint16_t>, 21> kRcodes{{
    {"NOERROR", 0},    {"FORMERR", 1},  {"SERVFAIL", 2},   {"NXDOMAIN", 3}, {"NOTIMP", 4},
    {"NOTIMPL", 4},    {"REFUSED", 5},  {"YXDOMAIN", 6},   {"YXRRSET", 7},  {"NXRRSET", 8},
    {"NOTAUTH", 9},    {"NOTZONE", 10}, {"DSOTYPENI", 11}, {"BADSIG", 16},  {"BADKEY", 17},
    {"BADTIME", 18},   {"BADMODE", 19}, {"BADNAME", 20},   {"BADALG", 21},  {"BADTRUNC", 22},
    {"BADCOOKIE", 23},
}};

// The words behind an option, at least one.
Words some_args(Cursor& cursor) {
  Words args = cursor.remaining_args();
  if (args.empty()) throw cursor.arg_error();
  return args;
}

void parse_match(Cursor& cursor, Rule& rule) {
  for (const std::string& text : some_args(cursor)) {
    if (text.size() > Pattern::kMaxText) {
      throw cursor.error("regex pattern too long: " + std::to_string(text.size()) + " > " +
                         std::to_string(Pattern::kMaxText));
    }
    try {
      rule.patterns.push_back(std::make_shared<const Pattern>(text));
    } catch (const PatternError& e) {
      throw cursor.error("could not parse regex: " + text + ", " + e.what());
    }
  }
}

void parse_records(Cursor& cursor, dns::Section section, std::vector<RecordTemplate>& records) {
  const std::string name = cursor.value();
  for (const std::string& text : some_args(cursor)) {
    try {
      records.push_back({section, TextTemplate(name, text)});
    } catch (const TemplateError& e) {
      throw cursor.error("could not compile template: " + cursor.value() + ", " + e.what());
    }
  }
}

void parse_rcode(Cursor& cursor, Rule& rule) {
  const std::string text = cursor.first_arg();
  const std::string name = dns::lowered(text);
  for (const auto& [known, number] : kRcodes) {
    if (dns::lowered(known) != name) continue;
    rule.rcode = static_cast<dns::Rcode>(number);
    return;
  }
  throw cursor.error("unknown rcode " + text);
}

void parse_extended_error(Cursor& cursor, Rule& rule) {
  const Words args = some_args(cursor);
  if (args.size() > 2) throw cursor.arg_error();
  const auto code = dns::number_from_text(args[0], 65535);
  if (!code) {
    const bool number =
        !args[0].empty() && args[0].find_first_not_of("0123456789") == std::string::npos;
    throw cursor.error("error parsing extended DNS error code " + args[0] +
                       ", strconv.ParseUint: parsing \"" + args[0] +
                       (number ? "\": value out of range" : "\": invalid syntax"));
  }
  rule.extended_error = {static_cast<uint16_t>(*code), args.size() == 2 ? args[1] : ""};
}

std::string joined(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (&word == words.data() ? "" : " ") + word;
  return text;
}

expression::Program compiled(Cursor& cursor, const std::string& text, const std::string& name,
                             const expression::Environment& environment) {
  try {
    expression::Program program = expression::compile(text, environment);
    for (const std::string& warning : program.warnings()) cursor.warn(warning);
    return program;
  } catch (const expression::CompileError& e) {
    throw cursor.error("could not compile expression: " + name + e.what());
  }
}

void parse_variable(Cursor& cursor, expression::Environment& environment, Rule& rule) {
  const Words args = some_args(cursor);
  if (args.size() < 2) throw cursor.arg_error();
  const std::string& name = args[0];
  if (!is_variable_name(name)) throw cursor.error("invalid variable name \"" + name + '"');
  if (environment.function(name) || environment.variable(name) || expression::is_reserved(name))
    throw cursor.error("variable name \"" + name + "\" is reserved");
  const std::string text = joined(std::span(args).subspan(1));
  rule.variables.push_back({name, compiled(cursor, text, name + ", ", environment)});
  add_variable(environment, rule.variables.back(), rule.variables.size() - 1);
}

void parse_option(Cursor& cursor, expression::Environment& environment, Rule& rule) {
  const std::string name = cursor.value();
  if (name == "match") {
    parse_match(cursor, rule);
  } else if (name == "answer") {
    parse_records(cursor, dns::Section::Answer, rule.answers);
  } else if (name == "additional") {
    parse_records(cursor, dns::Section::Additional, rule.additionals);
  } else if (name == "authority") {
    parse_records(cursor, dns::Section::Authority, rule.authorities);
  } else if (name == "rcode") {
    parse_rcode(cursor, rule);
  } else if (name == "ederror") {
    parse_extended_error(cursor, rule);
  } else if (name == "fallthrough") {
    rule.fall_through = corefile::zone_arguments(cursor, cursor.remaining_args(), {"."});
  } else if (name == "upstream") {
    cursor.remaining_args();  // from before 1.5; the server itself is asked
  } else if (name == "var") {
    parse_variable(cursor, environment, rule);
  } else if (name == "expr") {
    rule.conditions.push_back(compiled(cursor, joined(some_args(cursor)), "", environment));
  } else {
    throw cursor.arg_error();
  }
}

Rule parse_rule(Cursor& cursor, const corefile::Context& context) {
  Rule rule;
  const std::string class_text = cursor.first_arg();
  const auto rr_class = dns::rr_class_from_text(class_text);
  if (!rr_class) throw cursor.error("invalid query class " + class_text);
  rule.rr_class = *rr_class;
  const std::string type_text = cursor.first_arg();
  const auto type = dns::rr_type_from_text(type_text);
  if (!type) throw cursor.error("invalid RR class " + type_text);
  rule.type = *type;
  rule.zones = corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones);
  expression::Environment environment = match_environment();
  while (cursor.next_block()) parse_option(cursor, environment, rule);
  return rule;
}

}  // namespace

Options parse(Cursor& cursor, const corefile::Context& context) {
  Options options;
  while (cursor.next()) {
    const std::string place =
        cursor.token().file + ":" + std::to_string(cursor.token().line) + " - ";
    Rule& rule = options.rules.emplace_back(parse_rule(cursor, context));
    for (const std::string& warning : warnings_of(rule)) cursor.warn(place + warning);
  }
  return options;
}

}  // namespace fairlead::plugins::templates
