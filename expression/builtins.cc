#include "expression/builtins.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

#include "expression/literal.h"

namespace fairlead::expression {
namespace {

using Arguments = std::span<const Value>;

constexpr char kNoRoom[] = "memory budget exceeded";

std::string_view text_of(const Value& value) {
  const auto* const text = value.text();
  return text != nullptr ? *text : std::string_view();
}

template <int (*Change)(int)>
const char* letters(Arguments in, Scratch& scratch, Value& out) {
  const std::string_view text = text_of(in[0]);
  char* const copy = scratch.characters(text.size());
  if (copy == nullptr || !scratch.steps(text.size())) return kNoRoom;
  std::ranges::transform(text, copy, [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x80 ? static_cast<char>(Change(octet)) : c;
  });
  out.is = std::string_view(copy, text.size());
  return nullptr;
}

int lower_of(int c) {
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}
int upper_of(int c) {
  return c >= 'a' && c <= 'z' ? c - 32 : c;
}

const char* trim(Arguments in, Scratch&, Value& out) {
  const std::string_view what = in.size() > 1 ? text_of(in[1]) : " \t\n\v\f\r";
  std::string_view text = text_of(in[0]);
  text.remove_prefix(std::min(text.find_first_not_of(what), text.size()));
  const size_t last = text.find_last_not_of(what);
  out.is = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  return nullptr;
}

const char* trim_prefix(Arguments in, Scratch&, Value& out) {
  const std::string_view what = in.size() > 1 ? text_of(in[1]) : " ";
  std::string_view text = text_of(in[0]);
  if (text.starts_with(what)) text.remove_prefix(what.size());
  out.is = text;
  return nullptr;
}

const char* trim_suffix(Arguments in, Scratch&, Value& out) {
  const std::string_view what = in.size() > 1 ? text_of(in[1]) : " ";
  std::string_view text = text_of(in[0]);
  if (text.ends_with(what)) text.remove_suffix(what.size());
  out.is = text;
  return nullptr;
}

// Where the next part of a text ends: before a separator, or behind a character where there is
// none.
size_t part_end(std::string_view text, std::string_view separator) {
  if (!separator.empty()) return text.find(separator);
  size_t end = 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
  return end < text.size() ? end : std::string_view::npos;
}

int64_t most_of(Arguments in, size_t number) {
  const int64_t* const most = in.size() > number ? std::get_if<int64_t>(&in[number].is) : nullptr;
  return most != nullptr ? *most : -1;
}

// Calls each(part, has_separator_behind); at most `most` parts, the last of which is the rest.
template <typename Each>
void for_each_part(std::string_view text, std::string_view separator, int64_t most, Each each) {
  if (text.empty() && separator.empty()) return;
  while (most < 0 || most > 1) {
    const size_t end = part_end(text, separator);
    if (end == std::string_view::npos) break;
    each(text.substr(0, end), true);
    text.remove_prefix(end + separator.size());
    if (most > 0) --most;
  }
  each(text, false);
}

const char* split(Arguments in, Scratch& scratch, Value& out) {
  const std::string_view text = text_of(in[0]);
  const std::string_view separator = text_of(in[1]);
  const int64_t most = most_of(in, 2);
  size_t count = 0;
  if (most != 0) for_each_part(text, separator, most, [&](auto, bool) { ++count; });
  Value* const parts = scratch.values(count);
  if (parts == nullptr || !scratch.steps(text.size())) return kNoRoom;
  size_t at = 0;
  if (most != 0)
    for_each_part(text, separator, most,
                  [&](std::string_view part, bool) { parts[at++].is = part; });
  out.is = List{parts, count};
  return nullptr;
}

// What lies between the pieces that `each_piece` calls its argument with: measured, then written.
template <typename EachPiece>
const char* write(Scratch& scratch, Value& out, EachPiece each_piece) {
  size_t size = 0;
  each_piece([&](std::string_view piece) { size += piece.size(); });
  char* const text = scratch.characters(size);
  if (text == nullptr || !scratch.steps(size)) return kNoRoom;
  char* at = text;
  each_piece([&](std::string_view piece) { at = std::ranges::copy(piece, at).out; });
  out.is = std::string_view(text, size);
  return nullptr;
}

// Go's strings.Replace: an empty text is found before each character and at the end.
const char* replace(Arguments in, Scratch& scratch, Value& out) {
  const std::string_view text = text_of(in[0]);
  const std::string_view from = text_of(in[1]);
  const std::string_view to = text_of(in[2]);
  const int64_t most = most_of(in, 3);
  if (from.empty()) return "replace: the text to replace is empty";
  return write(scratch, out, [&](auto piece) {
    for_each_part(text, from, most < 0 ? -1 : most + 1, [&](std::string_view part, bool more) {
      piece(part);
      if (more) piece(to);
    });
  });
}

const char* join(Arguments in, Scratch& scratch, Value& out) {
  const List list = std::get<List>(in[0].is);
  const std::string_view separator = in.size() > 1 ? text_of(in[1]) : std::string_view();
  if (!scratch.steps(list.size)) return kNoRoom;
  for (const Value& value : list)
    if (value.text() == nullptr) return "join takes only texts";
  return write(scratch, out, [&](auto piece) {
    for (const Value& value : list) {
      if (&value != list.begin()) piece(separator);
      piece(text_of(value));
    }
  });
}

int64_t place(size_t found) {
  return found == std::string_view::npos ? -1 : static_cast<int64_t>(found);
}

const char* index_of(Arguments in, Scratch& scratch, Value& out) {
  if (!scratch.steps(text_of(in[0]).size())) return kNoRoom;
  out.is = place(text_of(in[0]).find(text_of(in[1])));
  return nullptr;
}

const char* last_index_of(Arguments in, Scratch& scratch, Value& out) {
  if (!scratch.steps(text_of(in[0]).size())) return kNoRoom;
  out.is = place(text_of(in[0]).rfind(text_of(in[1])));
  return nullptr;
}

const char* has_prefix(Arguments in, Scratch&, Value& out) {
  out.is = text_of(in[0]).starts_with(text_of(in[1]));
  return nullptr;
}

const char* has_suffix(Arguments in, Scratch&, Value& out) {
  out.is = text_of(in[0]).ends_with(text_of(in[1]));
  return nullptr;
}

// Characters of a text, not octets.
const char* len(Arguments in, Scratch& scratch, Value& out) {
  if (const List* const list = std::get_if<List>(&in[0].is)) {
    out.is = static_cast<int64_t>(list->size);
    return nullptr;
  }
  const auto* const text = in[0].text();
  if (text == nullptr) return "invalid argument for len";
  if (!scratch.steps(text->size())) return kNoRoom;
  out.is = static_cast<int64_t>(std::ranges::count_if(
      *text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  return nullptr;
}

const char* to_int(Arguments in, Scratch&, Value& out) {
  constexpr double kLimit = 9.2e18;
  int64_t number = 0;
  if (const auto* const whole = std::get_if<int64_t>(&in[0].is)) {
    number = *whole;
  } else if (const auto* const real = std::get_if<double>(&in[0].is)) {
    if (!(*real > -kLimit && *real < kLimit)) return "invalid operation: int out of range";
    number = static_cast<int64_t>(*real);
  } else if (in[0].text() == nullptr || !parse_int(*in[0].text(), 10, number)) {
    return "invalid operation: int of what is no number";
  }
  out.is = number;
  return nullptr;
}

const char* to_float(Arguments in, Scratch&, Value& out) {
  double number = 0;
  if (const auto* const whole = std::get_if<int64_t>(&in[0].is)) {
    number = static_cast<double>(*whole);
  } else if (const auto* const real = std::get_if<double>(&in[0].is)) {
    number = *real;
  } else if (in[0].text() == nullptr || !parse_float(*in[0].text(), number)) {
    return "invalid operation: float of what is no number";
  }
  out.is = number;
  return nullptr;
}

const char* to_string(Arguments in, Scratch& scratch, Value& out) {
  std::array<char, 40> text;
  char* end = text.data();
  if (in[0].text() != nullptr) {
    out = in[0];
    return nullptr;
  }
  if (const auto* const whole = std::get_if<int64_t>(&in[0].is)) {
    end = std::to_chars(end, text.data() + text.size(), *whole).ptr;
  } else if (const auto* const real = std::get_if<double>(&in[0].is)) {
    end = std::to_chars(end, text.data() + text.size(), *real).ptr;
  } else if (const auto* const boolean = std::get_if<bool>(&in[0].is)) {
    out.is = std::string_view(*boolean ? "true" : "false");
    return nullptr;
  } else if (in[0].is_nil()) {
    out.is = std::string_view("<nil>");
    return nullptr;
  } else {
    return "string takes no list";
  }
  const std::string_view made(text.data(), static_cast<size_t>(end - text.data()));
  out.is = scratch.keep(made);
  return out.text()->size() == made.size() ? nullptr : kNoRoom;
}

const char* absolute(Arguments in, Scratch&, Value& out) {
  if (const auto* const whole = std::get_if<int64_t>(&in[0].is)) {
    out.is = *whole < 0 && *whole != INT64_MIN ? -*whole : *whole;
    return nullptr;
  }
  const auto* const real = std::get_if<double>(&in[0].is);
  if (real == nullptr) return "invalid argument for abs";
  out.is = std::abs(*real);
  return nullptr;
}

template <bool Last>
const char* end_of(Arguments in, Scratch&, Value& out) {
  const List* const list = std::get_if<List>(&in[0].is);
  if (list == nullptr) return "cannot get an element from what is no list";
  out = list->size == 0 ? Value{} : list->data[Last ? list->size - 1 : 0];
  return nullptr;
}

constexpr Type kTexts{.kind = Kind::List, .element = Kind::String, .texts = true};
constexpr Type kOneText[] = {kText};
constexpr Type kTwoTexts[] = {kText, kText};
constexpr Type kSplit[] = {kText, kText, kInt};
constexpr Type kReplace[] = {kText, kText, kText, kInt};
constexpr Type kJoin[] = {kTexts, kText};

constexpr Builtin texts(std::string_view name, size_t least, std::span<const Type> parameters,
                        Type result, BuiltinBody body) {
  return {.name = name,
          .parameters = parameters,
          .body = body,
          .least = least,
          .result = result,
          .signature = Signature::Texts};
}

constexpr Builtin one(std::string_view name, Signature signature, Type result, BuiltinBody body) {
  return {.name = name, .body = body, .least = 1, .result = result, .signature = signature};
}

constexpr Builtin asks(std::string_view name, Counting counting, Type result) {
  return {.name = name,
          .least = 2,
          .result = result,
          .signature = Signature::Predicate,
          .counting = counting,
          .has_predicate = true,
          .predicate_optional = counting == Counting::Count};
}

constexpr Builtin kBuiltins[] = {
    asks("all", Counting::All, kBool),
    asks("any", Counting::Any, kBool),
    asks("none", Counting::None, kBool),
    asks("one", Counting::One, kBool),
    asks("count", Counting::Count, kInt),
    asks("filter", Counting::Filter, {.kind = Kind::List}),
    texts("lower", 1, kOneText, kText, letters<lower_of>),
    texts("upper", 1, kOneText, kText, letters<upper_of>),
    texts("trim", 1, kTwoTexts, kText, trim),
    texts("trimPrefix", 1, kTwoTexts, kText, trim_prefix),
    texts("trimSuffix", 1, kTwoTexts, kText, trim_suffix),
    texts("split", 2, kSplit, kTexts, split),
    texts("replace", 3, kReplace, kText, replace),
    texts("join", 1, kJoin, kText, join),
    texts("indexOf", 2, kTwoTexts, kInt, index_of),
    texts("lastIndexOf", 2, kTwoTexts, kInt, last_index_of),
    texts("hasPrefix", 2, kTwoTexts, kBool, has_prefix),
    texts("hasSuffix", 2, kTwoTexts, kBool, has_suffix),
    one("len", Signature::Length, kInt, len),
    one("int", Signature::Numeral, kInt, to_int),
    one("float", Signature::Numeral, {.kind = Kind::Float}, to_float),
    one("string", Signature::Any, kText, to_string),
    one("abs", Signature::Number, {}, absolute),
    one("first", Signature::End, {}, end_of<false>),
    one("last", Signature::End, {}, end_of<true>),
};

constexpr std::string_view kOthers[] = {
    "map",      "find",   "findIndex", "findLast",  "findLastIndex", "sum",     "groupBy",
    "sortBy",   "reduce", "type",      "ceil",      "floor",         "round",   "splitAfter",
    "repeat",   "max",    "min",       "mean",      "median",        "toJSON",  "fromJSON",
    "toBase64", "now",    "duration",  "date",      "timezone",      "get",     "take",
    "keys",     "values", "toPairs",   "fromPairs", "reverse",       "uniq",    "concat",
    "flatten",  "sort",   "bitand",    "bitor",     "bitxor",        "bitnand", "bitnot",
    "bitshl",   "bitshr", "bitushr",   "fromBase64"};

}  // namespace

const Builtin* find_builtin(std::string_view name) {
  const auto* const found = std::ranges::find(kBuiltins, name, &Builtin::name);
  return found == std::end(kBuiltins) ? nullptr : found;
}

bool is_builtin_name(std::string_view name) {
  return find_builtin(name) != nullptr || std::ranges::find(kOthers, name) != std::end(kOthers);
}

}  // namespace fairlead::expression
