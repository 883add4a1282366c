#include "expression/literal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <system_error>

#include "net/utf8.h"

namespace fairlead::expression {
namespace {

// `size` digits of this base, which `text` begins with.
std::optional<uint32_t> read_code(std::string_view text, size_t size, int base) {
  uint32_t code = 0;
  const char* const end = text.data() + std::min(size, text.size());
  const auto [last, ec] = std::from_chars(text.data(), end, code, base);
  if (text.size() < size || ec != std::errc() || last != end) return std::nullopt;
  return code;
}

struct Escape {
  size_t size = 0;  // with the character behind the backslash; 0: none
  uint32_t code = 0;
  bool octet = false;
};

Escape numbered(std::string_view text) {
  const char c = text.front();
  if (c == 'u' && text.size() > 1 && text[1] == '{') {
    const size_t digits = text.find('}') - 2;  // without a brace far too many
    const auto code = digits >= 1 && digits <= 6 ? read_code(text.substr(2), digits, 16)
                                                 : std::optional<uint32_t>();
    return code ? Escape{digits + 3, *code, false} : Escape{};
  }
  const bool octal = c >= '0' && c <= '3';
  const size_t digits = c == 'u' ? 4 : c == 'U' ? 8 : octal ? 3 : 2;
  const auto code = read_code(text.substr(octal ? 0 : 1), digits, octal ? 8 : 16);
  if (!code) return {};
  return {digits + (octal ? 0 : 1), *code, digits < 4};
}

// `text` begins behind the backslash.
Escape read_escape(std::string_view text) {
  constexpr std::string_view kLetters = "abfnrtv\\'\"`?";
  constexpr std::string_view kMeaning = "\a\b\f\n\r\t\v\\'\"`?";
  if (text.empty()) return {};
  const size_t known = kLetters.find(text.front());
  if (known != std::string_view::npos)
    return {1, static_cast<unsigned char>(kMeaning[known]), false};
  if (std::string_view("xXuU0123").find(text.front()) == std::string_view::npos) return {};
  const Escape escape = numbered(text);
  const bool surrogate = escape.code >= 0xd800 && escape.code < 0xe000;
  return escape.code > 0x10ffff || surrogate ? Escape{} : escape;
}

struct Base {
  char letter;
  int base;
  const char* name;
};
constexpr Base kBases[] = {{'x', 16, "hex"}, {'o', 8, "octal"}, {'b', 2, "binary"}};

std::string parsing(const char* what, const char* function, std::string_view text,
                    bool out_of_range) {
  return std::string("invalid ") + what + " literal: strconv." + function + ": parsing " +
         quoted(text) + ": " + (out_of_range ? "value out of range" : "invalid syntax");
}

}  // namespace

size_t unescape(std::string_view inside, std::string& out) {
  for (size_t at = 0; at < inside.size();) {
    if (inside[at] != '\\') {
      out += inside[at++];
      continue;
    }
    const Escape escape = read_escape(inside.substr(++at));
    if (escape.size == 0) return at;
    if (escape.octet) {
      out += static_cast<char>(escape.code);
    } else {
      net::append_utf8(escape.code, out);
    }
    at += escape.size;
  }
  return std::string_view::npos;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n' || c == '\t' || c == '\r') {
      out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r";
    } else if (octet < ' ' || octet == 0x7f) {
      std::array<char, 8> code;
      (void)std::snprintf(code.data(), code.size(), "\\x%02x", octet);
      out += code.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

bool parse_int(std::string_view text, int base, int64_t& out) {
  if (text.starts_with('+') && text.substr(1, 1) != "-") text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [last, ec] = std::from_chars(text.data(), end, out, base);
  return ec == std::errc() && last == end;
}

bool parse_float(std::string_view text, double& out) {
  if (text.starts_with('+') && text.substr(1, 1) != "-") text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [last, ec] = std::from_chars(text.data(), end, out);
  return ec == std::errc() && last == end;
}

std::string read_number(std::string_view token, Value& out) {
  std::string text(token);
  std::erase(text, '_');
  const char letter = text.size() > 1 && text[0] == '0' ? static_cast<char>(text[1] | 0x20) : '\0';
  for (const auto& [known, base, name] : kBases) {
    if (letter != known) continue;
    int64_t number = 0;
    const auto digits = std::string_view(text).substr(2);
    const bool wrong = digits.empty();
    if (wrong || !parse_int(digits, base, number)) return parsing(name, "ParseInt", text, !wrong);
    out.is = number;
    return {};
  }
  if (text.find_first_of(".eE") != std::string::npos) {
    double number = 0;
    if (!parse_float(text, number)) return parsing("float", "ParseFloat", text, false);
    out.is = number;
    return {};
  }
  int64_t number = 0;
  if (!parse_int(text, 10, number)) return parsing("integer", "ParseInt", text, true);
  out.is = number;
  return {};
}

}  // namespace fairlead::expression
