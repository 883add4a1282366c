#include "plugins/template/functions.h"

#include <algorithm>
#include <array>
#include <compare>
#include <limits>
#include <optional>
#include <utility>

namespace fairlead::plugins::templates {
namespace {

using Kind = Value::Kind;
using Arguments = std::span<const Value>;

Called failed(std::string why) {
  return {{}, std::move(why)};
}

template <typename T>
Called result(T value) {
  return {Value::of(value), {}};
}

// --- comparison ---

bool is_basic(const Value& value) {
  return value.kind == Kind::String || value.kind == Kind::Int || value.kind == Kind::Uint ||
         value.kind == Kind::Float || value.kind == Kind::Bool;
}

// Values of different signs compare as integers; other kinds do not compare: empty.
std::optional<std::partial_ordering> compare(const Value& a, const Value& b) {
  if (a.kind == Kind::Int && b.kind == Kind::Uint) {
    if (a.integer < 0) return std::partial_ordering::less;
    return static_cast<uint64_t>(a.integer) <=> b.natural;
  }
  if (a.kind == Kind::Uint && b.kind == Kind::Int) {
    const auto reversed = compare(b, a);
    return 0 <=> *reversed;
  }
  if (a.kind != b.kind) return std::nullopt;
  switch (a.kind) {
    case Kind::String:
      return a.text <=> b.text;
    case Kind::Int:
      return a.integer <=> b.integer;
    case Kind::Uint:
      return a.natural <=> b.natural;
    case Kind::Float:
      return a.real <=> b.real;
    case Kind::Bool:
      return a.truth <=> b.truth;
    default:
      return std::nullopt;
  }
}

std::string incompatible(const Value& a, const Value& b) {
  if (!is_basic(a) && a.kind == b.kind) return "non-comparable type " + std::string(type_name(a));
  return "incompatible types for comparison: " + std::string(type_name(a)) + " and " +
         std::string(type_name(b));
}

Called equal(Arguments arguments) {
  for (const Value& other : arguments.subspan(1)) {
    const auto order = compare(arguments[0], other);
    if (!order) return failed(incompatible(arguments[0], other));
    if (*order == 0) return result(true);
  }
  return result(false);
}

Called ordered(Function function, Arguments arguments) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (!is_basic(a) || !is_basic(b) || (a.kind == Kind::Bool && b.kind == Kind::Bool))
    return failed("invalid type for comparison");
  const auto order = compare(a, b);
  if (!order) return failed(incompatible(a, b));
  switch (function) {
    case Function::Lt:
      return result(*order < 0);
    case Function::Le:
      return result(*order <= 0);
    case Function::Gt:
      return result(*order > 0);
    default:
      return result(*order >= 0);
  }
}

// --- index, slice, len ---

// The place that `value` names; empty, and `error` set, when there is none. `size` itself is one.
std::optional<size_t> place(const Value& value, size_t size, std::string& error) {
  if (value.kind != Kind::Int && value.kind != Kind::Uint) {
    error = "cannot index slice/array with type " + std::string(type_name(value));
    return std::nullopt;
  }
  const bool is_int = value.kind == Kind::Int;
  const bool good = is_int ? value.integer >= 0 && static_cast<uint64_t>(value.integer) <= size
                           : value.natural <= size;
  if (!good) {
    error = "index out of range: " +
            (is_int ? std::to_string(value.integer) : std::to_string(value.natural));
    return std::nullopt;
  }
  return static_cast<size_t>(is_int ? static_cast<uint64_t>(value.integer) : value.natural);
}

// Behind the last element there is none, though a slice may end there.
Called element(const Value& of, const Value& at, const Data& data) {
  if (of.kind == Kind::Groups) {
    if (at.kind != Kind::String)
      return failed("value has type " + std::string(type_name(at)) + "; should be string");
    const Value found = group(data, at.text);
    return result(found.kind == Kind::None ? std::string_view() : found.text);
  }
  const bool is_text = of.kind == Kind::String;
  if (!is_text && of.kind != Kind::Matches)
    return failed("can't index item of type " + std::string(type_name(of)));
  const size_t size = is_text ? of.text.size() : data.matches.size();
  std::string error;
  const auto number = place(at, size, error);
  if (!number) return failed(std::move(error));
  if (*number == size) return failed("index out of range: " + std::to_string(size));
  if (is_text) return result(uint64_t{static_cast<uint8_t>(of.text[*number])});
  return result(data.matches[*number]);
}

Called index(Arguments arguments, const Data& data) {
  Called found{arguments[0], {}};
  for (const Value& at : arguments.subspan(1)) {
    found = element(found.value, at, data);
    if (!found.error.empty()) break;
  }
  return found;
}

Called slice(Arguments arguments) {
  const Value& of = arguments[0];
  if (of.kind != Kind::String)
    return failed("can't slice item of type " + std::string(type_name(of)));
  if (arguments.size() > 3) return failed("cannot 3-index slice a string");
  std::array<size_t, 2> ends{0, of.text.size()};
  for (size_t i = 1; i < arguments.size(); ++i) {
    std::string error;
    const auto number = place(arguments[i], of.text.size(), error);
    if (!number) return failed(std::move(error));
    ends[i - 1] = *number;
  }
  if (ends[0] > ends[1])
    return failed("invalid slice index: " + std::to_string(ends[0]) + " > " +
                  std::to_string(ends[1]));
  return result(of.text.substr(ends[0], ends[1] - ends[0]));
}

Called length(const Value& of, const Data& data) {
  if (of.kind == Kind::String) return result(static_cast<int64_t>(of.text.size()));
  if (of.kind == Kind::Matches) return result(static_cast<int64_t>(data.matches.size()));
  if (of.kind != Kind::Groups) return failed("len of type " + std::string(type_name(of)));
  const auto named = static_cast<int64_t>(data.group_names.size());
  return result(static_cast<int64_t>(data.matches.size()) + named);
}

// --- parseInt ---

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'z' ? low - 'a' + 10 : -1;
}

// The base that a text names by its beginning, which is taken off.
int64_t take_prefix(std::string_view& text) {
  if (text.size() < 2 || text[0] != '0') return 10;
  const char kind = static_cast<char>(text[1] | 0x20);
  const int64_t base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
  text.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  return base;
}

uint64_t largest(int64_t bits) {
  if (bits == 0 || bits == 64) return std::numeric_limits<uint64_t>::max();
  return (uint64_t{1} << bits) - 1;
}

Called parse_uint(std::string_view text, int64_t base, int64_t bits) {
  const auto wrong = [text](const std::string& why) {
    std::string shown = "strconv.ParseUint: parsing \"";
    for (const char c : text) shown += c < ' ' || c > '~' ? '?' : c;
    return failed(shown + "\": " + why);
  };
  if (base != 0 && (base < 2 || base > 36)) return wrong("invalid base " + std::to_string(base));
  if (bits < 0 || bits > 64) return wrong("invalid bit size " + std::to_string(bits));
  std::string_view digits = text;
  const bool by_prefix = base == 0;
  if (by_prefix) base = take_prefix(digits);
  if (digits.empty()) return wrong("invalid syntax");
  const uint64_t most = largest(bits);
  uint64_t value = 0;
  bool fits = true;
  for (const char c : digits) {
    if (c == '_' && by_prefix) continue;
    const int digit = digit_value(c);
    if (digit < 0 || digit >= base) return wrong("invalid syntax");
    const auto next = static_cast<uint64_t>(digit);
    const auto times = static_cast<uint64_t>(base);
    fits = fits && next <= most && value <= (most - next) / times;
    if (fits) value = value * times + next;
  }
  return fits ? result(value) : wrong("value out of range");
}

Called parse_int(Arguments arguments) {
  if (arguments[0].kind != Kind::String)
    return failed("wrong type for value; expected string; got " +
                  std::string(type_name(arguments[0])));
  for (const Value& number : arguments.subspan(1)) {
    if (number.kind != Kind::Int)
      return failed("wrong type for value; expected int; got " + std::string(type_name(number)));
  }
  return parse_uint(arguments[0].text, arguments[1].integer, arguments[2].integer);
}

Called meta(const Value& label, const Data& data) {
  if (label.kind != Kind::String)
    return failed("wrong type for value; expected string; got " + std::string(type_name(label)));
  return result(data.labels != nullptr ? data.labels->find(label.text) : std::string_view());
}

Called printf(Arguments arguments, const Data& data, Texts& texts) {
  if (arguments[0].kind != Kind::String)
    return failed("wrong type for value; expected string; got " +
                  std::string(type_name(arguments[0])));
  const std::string unknown = unknown_verb(arguments[0].text);
  if (!unknown.empty()) return failed(unknown + " is not supported");
  std::string& text = texts.add();
  append_formatted(arguments[0].text, arguments.subspan(1), data, text);
  return result(std::string_view(text));
}

constexpr std::array<std::pair<std::string_view, Function>, 21> kNames{{
    {"and", Function::And},       {"or", Function::Or},
    {"not", Function::Not},       {"eq", Function::Eq},
    {"ne", Function::Ne},         {"lt", Function::Lt},
    {"le", Function::Le},         {"gt", Function::Gt},
    {"ge", Function::Ge},         {"index", Function::Index},
    {"slice", Function::Slice},   {"len", Function::Len},
    {"printf", Function::Printf}, {"parseInt", Function::ParseInt},
    {"call", Function::NotHere},  {"html", Function::NotHere},
    {"js", Function::NotHere},    {"urlquery", Function::NotHere},
    {"print", Function::NotHere}, {"println", Function::NotHere},
    {".Meta", Function::Meta},
}};

}  // namespace

Function function_of(std::string_view name) {
  const auto known = std::ranges::find(kNames, name, [](const auto& one) { return one.first; });
  return known == kNames.end() ? Function::Unknown : known->second;
}

Arity arity_of(Function function) {
  constexpr size_t kAny = std::numeric_limits<size_t>::max();
  switch (function) {
    case Function::And:
    case Function::Or:
    case Function::Index:
    case Function::Slice:
    case Function::Printf:
      return {1, kAny};
    case Function::Eq:
      return {2, kAny};
    case Function::Not:
    case Function::Len:
    case Function::Meta:
      return {1, 1};
    case Function::ParseInt:
      return {3, 3};
    default:
      return {2, 2};
  }
}

Called call(Function function, Arguments arguments, const Data& data, Texts& texts) {
  switch (function) {
    case Function::Not:
      return result(!is_true(arguments[0], data));
    case Function::Eq:
      return equal(arguments);
    case Function::Ne: {
      Called same = equal(arguments);
      same.value.truth = !same.value.truth;
      return same;
    }
    case Function::Lt:
    case Function::Le:
    case Function::Gt:
    case Function::Ge:
      return ordered(function, arguments);
    case Function::Index:
      return index(arguments, data);
    case Function::Slice:
      return slice(arguments);
    case Function::Len:
      return length(arguments[0], data);
    case Function::Printf:
      return printf(arguments, data, texts);
    case Function::ParseInt:
      return parse_int(arguments);
    case Function::Meta:
      return meta(arguments[0], data);
    default:
      return failed("not built");
  }
}

}  // namespace fairlead::plugins::templates
