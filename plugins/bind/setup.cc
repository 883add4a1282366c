#include "plugins/bind/setup.h"

namespace fairlead::plugins::bind {
namespace {

Line parse_line(corefile::Cursor& cursor) {
  Line line{cursor.remaining_args(), {}};
  if (line.listen.empty()) throw cursor.error("at least one address or interface name is expected");
  while (cursor.next_block()) {
    if (cursor.value() != "except") throw cursor.error("invalid option \"" + cursor.value() + "\"");
    const std::vector<std::string> except = cursor.remaining_args();
    if (except.empty()) {
      throw cursor.error("at least one address or interface must be given to except subdirective");
    }
    line.except.insert(line.except.end(), except.begin(), except.end());
  }
  return line;
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) options.lines.push_back(parse_line(cursor));
  return options;
}

}  // namespace fairlead::plugins::bind
