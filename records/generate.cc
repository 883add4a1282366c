#include "records/generate.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>

namespace fairlead::records {
namespace {

constexpr int64_t kMostNumber = 0x7fff'ffff;
constexpr int64_t kMostWidth = 255;

std::optional<int64_t> integer(std::string_view text, int64_t least, int64_t most) {
  int64_t value = 0;
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (value < least || value > most) return std::nullopt;
  return value;
}

// The last hexadecimal digit first, a dot between two, as names below ip6.arpa have them. `width`
// counts the dots.
void append_nibbles(int64_t value, int64_t width, std::string_view digits, std::string& out) {
  do {
    out += digits[static_cast<size_t>(value & 15)];
    value >>= 4;
    --width;
    if (value == 0 && width <= 0) return;
    out += '.';
    --width;
  } while (value != 0 || width > 0);
}

struct Modifier {
  int64_t offset = 0;
  int64_t width = 0;
  char base = 'd';

  // What stands between the braces.
  std::string read(std::string_view text) {
    std::array<std::string_view, 3> parts;
    size_t count = 0;
    for (bool more = true; more;) {
      if (count == parts.size()) return "bad modifier in $GENERATE";
      const size_t comma = text.find(',');
      more = comma != std::string_view::npos;
      parts[count++] = text.substr(0, comma);
      text.remove_prefix(more ? comma + 1 : text.size());
    }
    const auto parsed = integer(parts[0], -kMostNumber, kMostNumber);
    if (!parsed) return "bad offset in $GENERATE";
    offset = *parsed;
    if (count > 1) {
      const auto columns = integer(parts[1], 0, kMostWidth);
      if (!columns) return "bad width in $GENERATE";
      width = *columns;
    }
    if (count > 2) {
      if (parts[2].size() != 1 || std::string_view("doxXnN").find(parts[2][0]) == std::string::npos)
        return "bad base in $GENERATE";
      base = parts[2][0];
    }
    return {};
  }

  bool append(int64_t number, std::string& out) const {
    const int64_t value = number + offset;
    if (value < 0 || value > kMostNumber) return false;
    if (base == 'n' || base == 'N') {
      append_nibbles(value, width, base == 'n' ? "0123456789abcdef" : "0123456789ABCDEF", out);
      return true;
    }
    std::array<char, 24> digits{};
    const int radix = base == 'd' ? 10 : base == 'o' ? 8 : 16;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, radix).ptr;
    const auto size = static_cast<size_t>(end - digits.data());
    if (base == 'X')
      std::for_each(digits.data(), end, [](char& c) {
        if (c >= 'a') c = static_cast<char>(c - 0x20);
      });
    out.append(static_cast<size_t>(width) > size ? static_cast<size_t>(width) - size : 0, '0');
    out.append(digits.data(), size);
    return true;
  }
};

// "$" or "${…}" at the front of `line`, or all of that when no brace closes.
std::string_view place_in(std::string_view line) {
  if (!line.starts_with("${")) return line.substr(0, 1);
  const size_t end = line.find('}');
  return line.substr(0, end == std::string_view::npos ? end : end + 1);
}

// Appends what stands in such a place.
std::string fill(std::string_view place, int64_t number, std::string& out) {
  Modifier modifier;
  if (place.size() > 1) {
    if (!place.ends_with('}')) return "bad modifier in $GENERATE";
    std::string wrong = modifier.read(place.substr(2, place.size() - 3));
    if (!wrong.empty()) return wrong;
  }
  return modifier.append(number, out) ? std::string() : "bad offset in $GENERATE";
}

}  // namespace

std::string GenerateRange::read(std::string_view text) {
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    const auto parsed = integer(text.substr(slash + 1), 1, kMostNumber);
    if (!parsed) return "bad step in $GENERATE range";
    step = *parsed;
    text = text.substr(0, slash);
  }
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return "bad start-stop in $GENERATE range";
  const auto first = integer(text.substr(0, dash), 0, kMostNumber);
  if (!first) return "bad start in $GENERATE range";
  const auto last = integer(text.substr(dash + 1), 0, kMostNumber);
  if (!last) return "bad stop in $GENERATE range";
  start = *first;
  stop = *last;
  if (stop < start || (stop - start) / step >= kMostSteps) return "bad range in $GENERATE range";
  return {};
}

std::string generate_line(std::string_view line, int64_t number, std::string& out,
                          std::string_view& bad) {
  out.clear();
  while (!line.empty()) {
    size_t taken = 1;
    if (line.starts_with("\\$") || line.starts_with("$$")) {
      out += '$';
      taken = 2;
    } else if (line.starts_with('\\')) {
      out += line.substr(0, 2);
      taken = 2;
    } else if (!line.starts_with('$')) {
      out += line[0];
    } else {
      bad = place_in(line);
      taken = bad.size();
      std::string wrong = fill(bad, number, out);
      if (!wrong.empty()) return wrong;
    }
    line.remove_prefix(std::min(taken, line.size()));
  }
  return {};
}

}  // namespace fairlead::records
