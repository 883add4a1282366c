#include "plugins/chaos/setup.h"

#include <algorithm>
#include <span>

#include "plugins/first_use.h"

namespace fairlead::plugins::chaos {
namespace {

constexpr size_t kMaxText = 255;  // of one character-string (RFC 1035 §3.3)

std::vector<std::string> without_repeats(std::span<const std::string> texts) {
  std::vector<std::string> kept;
  for (const std::string& whole : texts) {
    const std::string text = whole.substr(0, kMaxText);
    if (std::ranges::find(kept, text) == kept.end()) kept.push_back(text);
  }
  return kept;
}

Options parse_use(corefile::Cursor& cursor) {
  Options options;
  const std::vector<std::string> args = cursor.remaining_args();
  if (!args.empty()) options.version = args.front().substr(0, kMaxText);
  if (args.size() > 1) options.authors = without_repeats(std::span(args).subspan(1));
  if (cursor.next_block()) throw cursor.unknown_property();
  return options;
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  return first_use(cursor, parse_use);
}

}  // namespace fairlead::plugins::chaos
