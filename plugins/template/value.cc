#include "plugins/template/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

namespace fairlead::plugins::templates {
namespace {

template <typename Number>
void append_number(Number number, std::string& out) {
  std::array<char, 24> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), written.ptr);
}

// The shortest text that is read back as the same, with an exponent where Go has one.
void append_real(double real, std::string& out) {
  if (std::isnan(real)) {
    out += "NaN";
    return;
  }
  if (std::isinf(real)) {
    out += real > 0 ? "+Inf" : "-Inf";
    return;
  }
  const double size = std::fabs(real);
  const bool plain = real == 0 || (size >= 1e-4 && size < 1e21);
  std::array<char, 32> text{};
  const auto written =
      std::to_chars(text.data(), text.data() + text.size(), real,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  out.append(text.data(), written.ptr);
}

void append_matches(const Data& data, std::string& out) {
  out += '[';
  for (size_t i = 0; i < data.matches.size(); ++i) {
    if (i != 0) out += ' ';
    out += data.matches[i];
  }
  out += ']';
}

void append_groups(const Data& data, std::string& out) {
  std::map<std::string, std::string_view> groups;
  for (size_t i = 0; i < data.matches.size(); ++i) groups[std::to_string(i)] = data.matches[i];
  for (const GroupName& one : data.group_names) groups[one.name] = data.matches[one.number];
  out += "map[";
  bool first = true;
  for (const auto& [name, text] : groups) {
    if (!first) out += ' ';
    first = false;
    out.append(name).append(":").append(text);
  }
  out += ']';
}

}  // namespace

Value group(const Data& data, std::string_view name) {
  for (const GroupName& one : data.group_names) {
    if (one.name == name) return Value::of(data.matches[one.number]);
  }
  size_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool canonical = name.size() == 1 || (!name.empty() && name[0] != '0');
  if (error != std::errc() || end != name.data() + name.size() || !canonical) return {};
  return number < data.matches.size() ? Value::of(data.matches[number]) : Value();
}

bool is_true(const Value& value, const Data& data) {
  switch (value.kind) {
    case Value::Kind::None:
      return false;
    case Value::Kind::String:
    case Value::Kind::Array:
      return !value.text.empty();
    case Value::Kind::Int:
      return value.integer != 0;
    case Value::Kind::Uint:
      return value.natural != 0;
    case Value::Kind::Float:
      return value.real != 0;
    case Value::Kind::Bool:
      return value.truth;
    case Value::Kind::Matches:
    case Value::Kind::Groups:
      return !data.matches.empty();
  }
  return false;
}

void append_value(const Value& value, const Data& data, std::string& out) {
  switch (value.kind) {
    case Value::Kind::None:
      out += "<no value>";
      return;
    case Value::Kind::String:
    case Value::Kind::Array:
      out += value.text;
      return;
    case Value::Kind::Int:
      return append_number(value.integer, out);
    case Value::Kind::Uint:
      return append_number(value.natural, out);
    case Value::Kind::Float:
      return append_real(value.real, out);
    case Value::Kind::Bool:
      out += value.truth ? "true" : "false";
      return;
    case Value::Kind::Matches:
      return append_matches(data, out);
    case Value::Kind::Groups:
      return append_groups(data, out);
  }
}

std::string_view type_name(const Value& value) {
  switch (value.kind) {
    case Value::Kind::None:
      return "<nil>";
    case Value::Kind::String:
      return "string";
    case Value::Kind::Int:
      return "int";
    case Value::Kind::Uint:
      return "uint64";
    case Value::Kind::Float:
      return "float64";
    case Value::Kind::Bool:
      return "bool";
    case Value::Kind::Matches:
      return "[]string";
    case Value::Kind::Groups:
      return "map[string]string";
    case Value::Kind::Array:
      return "[]interface {}";
  }
  return "<nil>";
}

}  // namespace fairlead::plugins::templates
