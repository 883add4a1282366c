// printf of the template language: %s %d %x %X %v %q %t %c %%, with flags, width and precision.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "plugins/template/functions.h"

namespace fairlead::plugins::templates {
namespace {

using Kind = Value::Kind;

constexpr std::string_view kFlags = "+-# 0";
constexpr std::string_view kVerbs = "sdxXvqt%";
constexpr size_t kMaxWidth = 65'535;

struct Spec {
  bool plus = false;
  bool minus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  std::optional<size_t> width;
  std::optional<size_t> precision;
  char verb = '\0';  // '\0': the format ends within
};

std::optional<size_t> read_number(std::string_view format, size_t& at) {
  size_t number = 0;
  bool any = false;
  for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at, any = true)
    number = std::min(number * 10 + static_cast<size_t>(format[at] - '0'), kMaxWidth);
  return any ? std::optional(number) : std::nullopt;
}

// Behind a '%'; `at` moves behind the verb.
Spec read_spec(std::string_view format, size_t& at) {
  Spec spec;
  for (; at < format.size() && kFlags.find(format[at]) != std::string_view::npos; ++at) {
    spec.plus = spec.plus || format[at] == '+';
    spec.minus = spec.minus || format[at] == '-';
    spec.sharp = spec.sharp || format[at] == '#';
    spec.space = spec.space || format[at] == ' ';
    spec.zero = spec.zero || format[at] == '0';
  }
  spec.width = read_number(format, at);
  if (at < format.size() && format[at] == '.') {
    ++at;
    spec.precision = read_number(format, at).value_or(0);
  }
  if (at < format.size()) spec.verb = format[at++];
  return spec;
}

// Characters of UTF-8: what counts for widths.
size_t characters(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

// What is in front of the first `count` characters' end.
std::string_view cut(std::string_view text, size_t count) {
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & 0xc0) == 0x80) continue;
    if (count-- == 0) return text.substr(0, i);
  }
  return text;
}

void pad(std::string_view text, const Spec& spec, char filler, std::string& out) {
  const size_t size = characters(text);
  const size_t missing = spec.width && *spec.width > size ? *spec.width - size : 0;
  if (!spec.minus) out.append(missing, filler);
  out += text;
  if (spec.minus) out.append(missing, ' ');
}

void append_hex(std::string_view text, bool upper, std::string& out) {
  const char* const digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  for (const char c : text) {
    out += digits[static_cast<uint8_t>(c) >> 4];
    out += digits[static_cast<uint8_t>(c) & 15];
  }
}

// A string of Go; octets that are not printable ASCII are escaped, UTF-8 stays.
void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto octet = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (octet < ' ' || octet == 0x7f) {
      out += "\\x";
      append_hex(std::string_view(&c, 1), false, out);
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_integer(bool negative, uint64_t size, const Spec& spec, std::string& out) {
  const bool hex = spec.verb == 'x' || spec.verb == 'X';
  std::array<char, 24> digits{};
  const auto written =
      std::to_chars(digits.data(), digits.data() + digits.size(), size, hex ? 16 : 10);
  std::string text(digits.data(), written.ptr);
  if (spec.verb == 'X')
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' ? static_cast<char>(c - 0x20) : c; });
  std::string front = negative ? "-" : spec.plus ? "+" : spec.space ? " " : "";
  if (hex && spec.sharp) front += spec.verb == 'X' ? "0X" : "0x";
  size_t least = spec.precision.value_or(0);
  if (spec.zero && !spec.minus && !spec.precision && spec.width)
    least = *spec.width > front.size() ? *spec.width - front.size() : 0;
  if (text.size() < least) text.insert(0, least - text.size(), '0');
  pad(front + text, spec, ' ', out);
}

void append_bad(const Value& value, char verb, const Data& data, std::string& out) {
  out += "%!";
  out += verb;
  out += '(';
  out += type_name(value);
  if (value.kind != Kind::None) {
    out += '=';
    append_value(value, data, out);
  }
  out += ')';
}

void append_text(std::string_view text, const Spec& spec, std::string& out) {
  const char filler = spec.zero && !spec.minus ? '0' : ' ';
  if (spec.precision) text = cut(text, *spec.precision);
  std::string made;
  if (spec.verb == 'q') {
    append_quoted(text, made);
  } else if (spec.verb == 'x' || spec.verb == 'X') {
    append_hex(text, spec.verb == 'X', made);
  } else {
    return pad(text, spec, filler, out);
  }
  pad(made, spec, filler, out);
}

void append_argument(const Value& value, const Spec& spec, const Data& data, std::string& out) {
  const bool integer = spec.verb == 'd' || spec.verb == 'x' || spec.verb == 'X' || spec.verb == 'v';
  switch (value.kind) {
    case Kind::String:
      if (spec.verb != 'd' && spec.verb != 't') return append_text(value.text, spec, out);
      break;
    case Kind::Int: {
      const auto natural = static_cast<uint64_t>(value.integer);
      const bool negative = value.integer < 0;
      if (integer) return append_integer(negative, negative ? 0 - natural : natural, spec, out);
      break;
    }
    case Kind::Uint:
      if (integer) return append_integer(false, value.natural, spec, out);
      break;
    case Kind::None:
      if (spec.verb == 'v') return pad("<nil>", spec, ' ', out);
      break;
    default: {
      const bool shown = spec.verb == 'v' || (spec.verb == 't' && value.kind == Kind::Bool) ||
                         (spec.verb == 's' && value.kind == Kind::Matches) ||
                         (spec.verb == 's' && value.kind == Kind::Groups);
      if (!shown) break;
      std::string text;
      append_value(value, data, text);
      return pad(text, spec, ' ', out);
    }
  }
  append_bad(value, spec.verb, data, out);
}

void append_extra(std::span<const Value> left, const Data& data, std::string& out) {
  if (left.empty()) return;
  out += "%!(EXTRA ";
  for (size_t i = 0; i < left.size(); ++i) {
    if (i != 0) out += ", ";
    out += type_name(left[i]);
    if (left[i].kind == Kind::None) continue;
    out += '=';
    append_value(left[i], data, out);
  }
  out += ')';
}

}  // namespace

void append_formatted(std::string_view format, std::span<const Value> arguments, const Data& data,
                      std::string& out) {
  size_t used = 0;
  for (size_t at = 0; at < format.size();) {
    const size_t percent = std::min(format.find('%', at), format.size());
    out += format.substr(at, percent - at);
    if (percent == format.size()) break;
    at = percent + 1;
    const Spec spec = read_spec(format, at);
    if (spec.verb == '\0') {
      out += "%!(NOVERB)";
    } else if (spec.verb == '%') {
      out += '%';
    } else if (used == arguments.size()) {
      out.append("%!").append(1, spec.verb).append("(MISSING)");
    } else {
      append_argument(arguments[used++], spec, data, out);
    }
    if (out.size() > kMaxWidth) return;  // longer than any record
  }
  append_extra(arguments.subspan(used), data, out);
}

std::string unknown_verb(std::string_view format) {
  for (size_t at = format.find('%'); at != std::string_view::npos; at = format.find('%', at)) {
    const char verb = read_spec(format, ++at).verb;
    if (verb != '\0' && kVerbs.find(verb) == std::string_view::npos)
      return std::string("printf with %") + verb;
  }
  return {};
}

}  // namespace fairlead::plugins::templates
