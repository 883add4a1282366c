#include "plugins/template/literal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "net/utf8.h"

namespace fairlead::plugins::templates {
namespace {

constexpr std::array<std::pair<char, char>, 8> kEscapes{{{'a', '\a'},
                                                         {'b', '\b'},
                                                         {'f', '\f'},
                                                         {'n', '\n'},
                                                         {'r', '\r'},
                                                         {'t', '\t'},
                                                         {'v', '\v'},
                                                         {'\\', '\\'}}};

// `size` digits at `at`, which moves behind them.
std::optional<uint32_t> take_code(std::string_view text, size_t& at, size_t size, int base) {
  uint32_t code = 0;
  if (at + size > text.size()) return std::nullopt;
  const char* const from = text.data() + at;
  const auto [end, error] = std::from_chars(from, from + size, code, base);
  if (error != std::errc() || end != from + size) return std::nullopt;
  at += size;
  return code;
}

// Digits of an octal, hexadecimal or Unicode escape; 0: it is none.
size_t escape_digits(char c) {
  if (c >= '0' && c <= '7') return 3;
  switch (c) {
    case 'x':
      return 2;
    case 'u':
      return 4;
    case 'U':
      return 8;
    default:
      return 0;
  }
}

// The escape behind the backslash at `at - 1`; `at` moves behind it.
bool append_escape(std::string_view text, size_t& at, char quote, std::string& out) {
  if (at == text.size()) return false;
  const char c = text[at];
  const auto known = std::ranges::find(kEscapes, c, [](const auto& one) { return one.first; });
  if (known != kEscapes.end() || c == quote) {
    out += c == quote ? c : known->second;
    ++at;
    return true;
  }
  const bool octal = c >= '0' && c <= '7';
  const size_t size = escape_digits(c);
  if (size == 0) return false;
  if (!octal) ++at;
  const auto code = take_code(text, at, size, octal ? 8 : 16);
  if (!code || (octal && *code > 255)) return false;
  if (size < 4) {
    out += static_cast<char>(*code);
    return true;
  }
  if (*code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)) return false;
  net::append_utf8(*code, out);
  return true;
}

uint64_t magnitude(std::string_view digits, int base, bool& good) {
  std::string plain(digits);
  std::erase(plain, '_');
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value, base);
  good = !plain.empty() && error == std::errc() && end == plain.data() + plain.size();
  return value;
}

int take_base(std::string_view& digits) {
  if (digits.size() < 2 || digits[0] != '0') return 10;
  const char kind = static_cast<char>(digits[1] | 0x20);
  if (kind != 'x' && kind != 'o' && kind != 'b') return 8;
  digits.remove_prefix(2);
  return kind == 'x' ? 16 : kind == 'o' ? 8 : 2;
}

Value real_literal(std::string_view text) {
  std::string plain(text.starts_with('+') ? text.substr(1) : text);
  std::erase(plain, '_');
  double real = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), real);
  const bool number = plain.find_first_not_of("0123456789.eE+-") == std::string::npos;
  if (!number || error != std::errc() || end != plain.data() + plain.size()) return {};
  return Value::of(real);
}

}  // namespace

std::optional<std::string> unquoted(std::string_view text, char quote) {
  if (quote == '`') {
    std::string out(text);
    std::erase(out, '\r');
    return out;
  }
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
    } else if (!append_escape(text, ++at, quote, out)) {
      return std::nullopt;
    }
  }
  return out;
}

Value number_literal(std::string_view text) {
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const int base = take_base(digits);
  bool good = false;
  const uint64_t size = magnitude(digits, base, good);
  if (!good) return real_literal(text);
  constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (size > kMost) return {};
  return Value::of(negative ? -static_cast<int64_t>(size) : static_cast<int64_t>(size));
}

Value character_literal(std::string_view text) {
  const auto out = unquoted(text, '\'');
  if (!out || out->empty()) return {};
  const auto lead = static_cast<uint8_t>((*out)[0]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (out->size() != size) return {};
  uint32_t code = size == 1 ? lead : lead & (0xffU >> (size + 1));
  for (size_t i = 1; i < size; ++i) code = code << 6 | (static_cast<uint8_t>((*out)[i]) & 0x3fU);
  return Value::of(int64_t{code});
}

}  // namespace fairlead::plugins::templates
