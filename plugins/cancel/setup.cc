#include "plugins/cancel/setup.h"

#include <string>

namespace fairlead::plugins::cancel {
namespace {

std::chrono::nanoseconds parse_timeout(const corefile::Cursor& cursor, const std::string& text) {
  const std::chrono::nanoseconds timeout =
      corefile::duration_argument(cursor, text, "invalid duration: \"" + text + '"');
  if (timeout.count() <= 0) throw cursor.error("invalid negative duration: \"" + text + '"');
  return timeout;
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    options = {};
    if (cursor.next_arg()) options.timeout = parse_timeout(cursor, cursor.value());
    cursor.no_args();
    if (cursor.next_block()) throw cursor.unknown_property();
  }
  return options;
}

}  // namespace fairlead::plugins::cancel
