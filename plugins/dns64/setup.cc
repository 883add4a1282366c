#include "plugins/dns64/setup.h"

#include <string>

#include "plugins/subnets.h"

namespace fairlead::plugins::dns64 {
namespace {

// What follows a property on its line is the next one, as in CoreDNS.
void parse_property(corefile::Cursor& cursor, Options& options) {
  const std::string name = cursor.value();
  if (name == "prefix") {
    const std::string text = cursor.first_arg();
    options.prefix = prefix_argument(cursor, text);
  } else if (name == "translate_all") {
    options.translate_all = true;
  } else if (name == "allow_ipv4") {
    options.allow_ipv4 = true;
  } else if (name == "exclude") {
    const std::vector<std::string> args = cursor.remaining_args();
    if (args.empty()) throw cursor.missing_arg();
    for (const std::string& text : args) options.exclude.push_back(subnet_argument(cursor, text));
  } else {
    throw cursor.unknown_property();
  }
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    const std::vector<std::string> args = cursor.remaining_args();
    if (args.size() > 1) throw cursor.arg_error();
    if (!args.empty()) options.prefix = prefix_argument(cursor, args[0]);
    while (cursor.next_block()) parse_property(cursor, options);
  }
  return options;
}

}  // namespace fairlead::plugins::dns64
