#include "plugins/template/expressions.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <variant>

#include "dns/name.h"

namespace fairlead::plugins::templates {
namespace {

const MatchedRequest& request_of(const expression::Call& call) {
  return static_cast<const MatchedRequest&>(call.subject);
}

// A group that there is not is empty, whatever was asked for.
const char* call_group(expression::Call& call) {
  const expression::Value& which = call.arguments[0];
  const Data& data = request_of(call).data();
  std::string_view found;
  if (const auto* const number = std::get_if<int64_t>(&which.is)) {
    if (*number >= 0 && static_cast<uint64_t>(*number) < data.matches.size())
      found = data.matches[static_cast<size_t>(*number)];
  } else if (const auto* const name = which.text()) {
    found = group(data, *name).text;
  }
  call.result = {found};
  return nullptr;
}

void append_element(const expression::Value& value, std::string& out) {
  if (const auto* const list = std::get_if<expression::List>(&value.is)) {
    out += '[';
    for (const expression::Value& one : *list) {
      if (&one != list->begin()) out += ' ';
      append_element(one, out);
    }
    out += ']';
    return;
  }
  Texts texts;
  if (value.is_nil()) {
    out += "<nil>";
  } else {
    append_value(value_of(value, texts), {}, out);
  }
}

}  // namespace

std::string_view MatchedRequest::label(std::string_view label, expression::Scratch&) const {
  return data_.labels != nullptr ? data_.labels->find(label) : std::string_view();
}

expression::Environment match_environment() {
  expression::Environment environment = expression::request_environment();
  environment.add(expression::Function{.name = "group",
                                       .parameters = {{}},
                                       .result = {.kind = expression::Kind::String},
                                       .body = call_group});
  return environment;
}

void add_variable(expression::Environment& environment, const NamedProgram& variable,
                  size_t number) {
  environment.add(expression::Variable{.name = variable.name,
                                       .type = variable.program.type(),
                                       .body = [number](expression::Call& call) -> const char* {
                                         call.result = request_of(call).variables()[number];
                                         return nullptr;
                                       }});
}

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char c) {
    const uint8_t low = dns::lower(static_cast<uint8_t>(c));
    return c == '_' || (low >= 'a' && low <= 'z');
  };
  return !name.empty() && is_letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

Value value_of(const expression::Value& value, Texts& texts) {
  if (const auto* const truth = std::get_if<bool>(&value.is)) return Value::of(*truth);
  if (const auto* const number = std::get_if<int64_t>(&value.is)) return Value::of(*number);
  if (const auto* const real = std::get_if<double>(&value.is)) return Value::of(*real);
  if (const auto* const text = value.text()) return Value::of(*text);
  if (value.is_nil()) return {};
  std::string& text = texts.add();
  append_element(value, text);
  return {.kind = Value::Kind::Array, .text = text};
}

Verdict Evaluation::run(const Rule& rule, const dns::Query& query, const net::Peers& peers,
                        Texts& texts, Data& data) {
  const MatchedRequest request(query, peers, data, values_);
  for (const NamedProgram& variable : rule.variables) {
    const expression::Outcome outcome = variable.program.run(request, scratch_);
    if (outcome.error != nullptr) return Verdict::Failed;
    values_.push_back(outcome.value);
    variables_.push_back({variable.name, value_of(outcome.value, texts)});
  }
  data.variables = variables_;
  for (const expression::Program& condition : rule.conditions) {
    const expression::Outcome outcome = condition.run(request, scratch_);
    if (outcome.error != nullptr) return Verdict::Failed;
    if (!outcome.value.is_true()) return Verdict::Not;
  }
  return Verdict::Holds;
}

}  // namespace fairlead::plugins::templates
