#include "plugins/reload/setup.h"

#include <algorithm>
#include <string>
#include <vector>

#include "plugins/first_use.h"

namespace fairlead::plugins::reload {
namespace {

constexpr std::chrono::nanoseconds kMinInterval = std::chrono::seconds(2);
constexpr std::chrono::nanoseconds kMinJitter = std::chrono::seconds(1);

Options parse_line(corefile::Cursor& cursor) {
  Options options;
  const std::vector<std::string> args = cursor.remaining_args();
  if (args.size() > 2) throw cursor.arg_error();
  if (!args.empty()) options.interval = corefile::duration_argument(cursor, args[0]);
  if (options.interval < kMinInterval)
    throw cursor.error("interval value must be greater or equal to 2s");
  if (args.size() > 1) options.jitter = corefile::duration_argument(cursor, args[1]);
  if (options.jitter.count() != 0 && options.jitter < kMinJitter) {
    throw cursor.error("jitter value must be greater or equal to 1s");
  }
  options.jitter = std::min(options.jitter, options.interval / 2);
  if (cursor.next_block()) throw cursor.unknown_property();
  return options;
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  return first_use(cursor, parse_line);
}

}  // namespace fairlead::plugins::reload
