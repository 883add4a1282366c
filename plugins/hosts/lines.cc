#include "plugins/hosts/lines.h"

#include <algorithm>
#include <optional>

#include "dns/printable.h"
#include "plugins/text_lines.h"

namespace fairlead::plugins::hosts {
namespace {

constexpr std::string_view kSpaces = " \t\v\f\r";

std::string_view next_word(std::string_view& line) {
  return take_word(line, kSpaces);
}

// A word for a message: printable and short, whatever the file holds.
std::string quoted(std::string_view word) {
  constexpr size_t kLongest = 64;
  return "'" + dns::printable(word, kLongest) + (word.size() > kLongest ? "...'" : "'");
}

std::optional<dns::IpAddress> read_address(std::string_view word) {
  const auto address = dns::IpAddress::from_text(word.substr(0, word.find('%')));
  if (!address) return std::nullopt;
  return unmapped(*address);
}

// A host has at least one label; a lone `*` would stand for the whole world.
std::optional<dns::Name> read_name(std::string_view word) {
  // Four octets of text for one of a name is the most that escapes take.
  if (word.size() > 4 * dns::kMaxNameSize) return std::nullopt;
  const auto name = dns::Name::from_text(word);
  if (!name || name->size() == 1 || word == "*" || word == "*.") return std::nullopt;
  return name->lowered();
}

}  // namespace

dns::IpAddress unmapped(const dns::IpAddress& address) {
  constexpr uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const auto octets = address.octets();
  const bool mapped =
      address.is_v6() && std::equal(std::begin(kPrefix), std::end(kPrefix), octets.begin());
  return mapped ? dns::IpAddress(octets.subspan(sizeof kPrefix)) : address;
}

void read_lines(std::string_view text,
                const std::function<void(const dns::Name&, const dns::IpAddress&)>& entry,
                const std::function<void(size_t line, const std::string& what)>& problem) {
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = take_line(text);
    line = line.substr(0, line.find('#'));
    const std::string_view first = next_word(line);
    if (first.empty()) continue;
    const auto address = read_address(first);
    if (!address) {
      problem(number, quoted(first) + " is not an IP address, the line is ignored");
      continue;
    }
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      if (const auto name = read_name(word)) {
        entry(*name, *address);
      } else {
        problem(number, quoted(word) + " is not a host name, it is ignored");
      }
    }
  }
}

}  // namespace fairlead::plugins::hosts
