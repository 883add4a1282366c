#include "dns/text_octets.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>

namespace fairlead::dns {
namespace {

int digit_of(std::string_view alphabet, char c) {
  const size_t at = alphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

int base32_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'v' ? low - 'a' + 10 : -1;
}

constexpr uint64_t kMinute = 60;
constexpr uint64_t kHour = 60 * kMinute;
constexpr uint64_t kDay = 24 * kHour;

uint64_t seconds_of_unit(char unit) {
  switch (unit | 0x20) {
    case 's':
      return 1;
    case 'm':
      return kMinute;
    case 'h':
      return kHour;
    case 'd':
      return kDay;
    case 'w':
      return 7 * kDay;
    default:
      return 0;
  }
}

}  // namespace

bool append_hex(std::string_view text, std::vector<uint8_t>& out) {
  if (text.size() % 2 != 0) return false;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return false;
    out.push_back(static_cast<uint8_t>(high << 4 | low));
  }
  return true;
}

bool append_base32(std::string_view text, std::vector<uint8_t>& out) {
  uint32_t bits = 0;
  size_t count = 0;
  for (const char c : text) {
    const int digit = base32_value(c);
    if (digit < 0) return false;
    bits = (bits << 5 | static_cast<uint32_t>(digit)) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<uint8_t>(bits >> count));
  }
  return count < 5;
}

bool Base64Reader::add(std::string_view text, std::vector<uint8_t>& out) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const char c : text) {
    if (c == '=' && ++padding_ <= 2) continue;
    const int digit = digit_of(kAlphabet, c);
    if (digit < 0 || padding_ != 0) return false;
    bits_ = (bits_ << 6 | static_cast<uint32_t>(digit)) & 0x3fff;
    ++digits_;
    const size_t place = digits_ % 4;  // 2, 3 and 0 complete an octet
    if (place != 1) out.push_back(static_cast<uint8_t>(bits_ >> (place == 0 ? 0 : 8 - 2 * place)));
  }
  return true;
}

std::optional<uint32_t> number_from_text(std::string_view text, uint32_t most) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > most)
    return std::nullopt;
  return value;
}

std::optional<uint32_t> period_from_text(std::string_view text) {
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  uint64_t seconds = 0;
  uint64_t count = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      count = count * 10 + static_cast<uint64_t>(c - '0');
    } else if (const uint64_t unit = seconds_of_unit(c); unit != 0) {
      seconds += count * unit;
      count = 0;
    } else {
      return std::nullopt;
    }
    if (count > kMost || seconds > kMost) return std::nullopt;
  }
  if (text.empty() || seconds + count > kMost) return std::nullopt;
  return static_cast<uint32_t>(seconds + count);
}

std::optional<uint32_t> time_from_text(std::string_view text) {
  if (text.size() != 14) return number_from_text(text, std::numeric_limits<uint32_t>::max());
  std::array<uint32_t, 6> parts{};
  size_t at = 0;
  for (uint32_t& part : parts) {
    const size_t size = at == 0 ? 4 : 2;
    const auto value = number_from_text(text.substr(at, size), 9999);
    if (!value) return std::nullopt;
    part = *value;
    at += size;
  }
  using namespace std::chrono;
  const year_month_day day{year(static_cast<int>(parts[0])), month(parts[1]),
                           std::chrono::day(parts[2])};
  if (!day.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 59) return std::nullopt;
  const auto midnight = duration_cast<seconds>(sys_days(day).time_since_epoch()).count();
  const uint64_t since_midnight = parts[3] * kHour + parts[4] * kMinute + parts[5];
  return static_cast<uint32_t>(static_cast<uint64_t>(midnight) + since_midnight);
}

void append_bitmap(std::span<RrType> types, std::vector<uint8_t>& out) {
  std::ranges::sort(types);
  for (size_t i = 0; i < types.size();) {
    const auto window = static_cast<uint8_t>(static_cast<uint16_t>(types[i]) >> 8);
    std::array<uint8_t, 32> bits{};
    uint8_t last = 0;
    for (; i < types.size() && static_cast<uint16_t>(types[i]) >> 8 == window; ++i) {
      last = static_cast<uint8_t>(types[i]);
      bits[last / 8] = static_cast<uint8_t>(bits[last / 8] | 0x80 >> last % 8);
    }
    const auto size = static_cast<uint8_t>(last / 8 + 1);
    out.push_back(window);
    out.push_back(size);
    out.insert(out.end(), bits.begin(), bits.begin() + size);
  }
}

bool append_low_bitmap(std::span<const RrType> types, std::vector<uint8_t>& out) {
  const size_t from = out.size();
  for (const RrType type : types) {
    const auto number = static_cast<uint16_t>(type);
    if (number >= 128) return false;
    out.resize(std::max(out.size(), from + number / 8 + 1));
    out[from + number / 8] = static_cast<uint8_t>(out[from + number / 8] | 0x80 >> number % 8);
  }
  return true;
}

}  // namespace fairlead::dns
