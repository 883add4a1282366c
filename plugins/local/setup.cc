#include "plugins/local/setup.h"

#include <string>

namespace fairlead::plugins::local {
namespace {

bool on_or_off(corefile::Cursor& cursor) {
  const std::string text = cursor.only_arg();
  if (text == "on" || text == "off") return text == "on";
  throw cursor.error("localhost_prefix expects 'on' or 'off', got \"" + text + '"');
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    cursor.no_args();
    while (cursor.next_block()) {
      if (cursor.value() != "localhost_prefix") throw cursor.unknown_property({"localhost_prefix"});
      options.prefix = on_or_off(cursor);
    }
  }
  return options;
}

}  // namespace fairlead::plugins::local
