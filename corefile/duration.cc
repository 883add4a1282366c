#include "corefile/duration.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>

namespace fairlead::corefile {
namespace {

constexpr uint64_t kMax = uint64_t{1} << 63;  // as far as Go's int64 nanoseconds reach, sign apart

struct Unit {
  std::string_view name;
  uint64_t nanoseconds;
};

constexpr Unit kUnits[] = {
    {"ns", 1},
    {"us", 1'000},
    {"\xC2\xB5s", 1'000},  // micro sign
    {"\xCE\xBCs", 1'000},  // Greek mu
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60ULL * 1'000'000'000},
    {"h", 3600ULL * 1'000'000'000},
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

[[noreturn]] void invalid(std::string_view whole) {
  throw std::invalid_argument("time: invalid duration " + quoted(whole));
}

// Digits at the start of `text`, taken off it; nullopt when the number is beyond kMax.
std::optional<uint64_t> take_digits(std::string_view& text) {
  uint64_t value = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    const auto digit = static_cast<uint64_t>(text.front() - '0');
    if (value > (kMax - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

// The digits after a point, as a part of `scale` that fits: digits past its precision are dropped.
void take_fraction(std::string_view& text, uint64_t& value, double& scale) {
  bool full = false;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    if (full || value > (kMax - 9) / 10) {
      full = true;
      continue;
    }
    value = value * 10 + static_cast<uint64_t>(text.front() - '0');
    scale *= 10;
  }
}

uint64_t unit_of(std::string_view& text, std::string_view whole) {
  size_t length = 0;
  while (length < text.size() && text[length] != '.' && !is_digit(text[length])) ++length;
  if (length == 0) throw std::invalid_argument("time: missing unit in duration " + quoted(whole));
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return unit.nanoseconds;
  }
  throw std::invalid_argument("time: unknown unit " + quoted(name) + " in duration " +
                              quoted(whole));
}

// One number with its unit, in nanoseconds.
uint64_t take_part(std::string_view& text, std::string_view whole) {
  if (!is_digit(text.front()) && text.front() != '.') invalid(whole);
  const size_t before = text.size();
  const std::optional<uint64_t> integer = take_digits(text);
  bool any_digit = text.size() != before;
  if (!integer) invalid(whole);
  uint64_t fraction = 0;
  double scale = 1;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    const size_t at = text.size();
    take_fraction(text, fraction, scale);
    any_digit = any_digit || text.size() != at;
  }
  if (!any_digit) invalid(whole);
  const uint64_t unit = unit_of(text, whole);
  if (*integer > kMax / unit) invalid(whole);
  const uint64_t rest =
      static_cast<uint64_t>(static_cast<double>(fraction) * (static_cast<double>(unit) / scale));
  return *integer * unit + rest;
}

void append_number(std::string& out, uint64_t whole, uint64_t part, int digits) {
  out += std::to_string(whole);
  if (part == 0) return;
  std::string text = std::to_string(part);
  text.insert(0, static_cast<size_t>(digits) - text.size(), '0');
  while (text.back() == '0') text.pop_back();
  out += "." + text;
}

}  // namespace

std::chrono::nanoseconds parse_duration(std::string_view text) {
  const std::string_view whole = text;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) invalid(whole);
  uint64_t total = 0;
  while (!text.empty()) {
    const uint64_t part = take_part(text, whole);
    if (part > kMax || total > kMax - part) invalid(whole);
    total += part;
  }
  if (negative && total == kMax)
    return std::chrono::nanoseconds(std::numeric_limits<int64_t>::min());
  if (total >= kMax) invalid(whole);
  const auto value = static_cast<int64_t>(total);
  return std::chrono::nanoseconds(negative ? -value : value);
}

std::string format_duration(std::chrono::nanoseconds duration) {
  const int64_t count = duration.count();
  if (count == 0) return "0s";
  std::string out = count < 0 ? "-" : "";
  const uint64_t total =
      count < 0 ? ~static_cast<uint64_t>(count) + 1 : static_cast<uint64_t>(count);
  constexpr uint64_t kSecond = 1'000'000'000;
  if (total < 1'000) return out + std::to_string(total) + "ns";
  if (total < 1'000'000) {
    append_number(out, total / 1'000, total % 1'000, 3);
    return out + "\xC2\xB5s";
  }
  if (total < kSecond) {
    append_number(out, total / 1'000'000, total % 1'000'000, 6);
    return out + "ms";
  }
  const uint64_t seconds = total / kSecond;
  if (seconds >= 3600) out += std::to_string(seconds / 3600) + "h";
  if (seconds >= 60) out += std::to_string(seconds / 60 % 60) + "m";
  append_number(out, seconds % 60, total % kSecond, 9);
  return out + "s";
}

}  // namespace fairlead::corefile
