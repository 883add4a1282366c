#include "plugins/bufsize/setup.h"

#include <charconv>

#include "plugins/first_use.h"

namespace fairlead::plugins::bufsize {
namespace {

Options parse_use(corefile::Cursor& cursor) {
  Options options;
  if (cursor.next_arg()) {
    const std::string& text = cursor.value();
    const char* const end = text.data() + text.size();
    const auto [rest, ec] = std::from_chars(text.data(), end, options.size);
    // Less than 512 would mean 512 (RFC 6891 §6.2.3); more than 4096 is never received.
    const bool good = ec == std::errc() && rest == end && options.size >= 512;
    if (!good || options.size > 4096) throw cursor.arg_error();
  }
  cursor.no_args();
  if (cursor.next_block()) throw cursor.unknown_property();
  return options;
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  return first_use(cursor, parse_use);
}

}  // namespace fairlead::plugins::bufsize
