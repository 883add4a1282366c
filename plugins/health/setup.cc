#include "plugins/health/setup.h"

#include <algorithm>
#include <stdexcept>

#include "corefile/duration.h"

namespace fairlead::plugins::health {
namespace {

std::chrono::nanoseconds parse_lameduck(corefile::Cursor& cursor) {
  const std::string text = cursor.only_arg();
  try {
    const std::chrono::nanoseconds lameduck = corefile::parse_duration(text);
    return std::max(lameduck, std::chrono::nanoseconds(0));  // a negative one is none
  } catch (const std::invalid_argument& e) {
    throw cursor.error("unable to parse lameduck duration value: '" + text + "' : " + e.what());
  }
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    const std::vector<std::string> args = cursor.remaining_args();
    if (args.size() > 1) throw cursor.arg_error();
    if (args.size() == 1) options.address = corefile::listen_address(cursor, args[0]);
    while (cursor.next_block()) {
      if (cursor.value() != "lameduck") throw cursor.unknown_property({"lameduck"});
      options.lameduck = parse_lameduck(cursor);
    }
  }
  return options;
}

}  // namespace fairlead::plugins::health
