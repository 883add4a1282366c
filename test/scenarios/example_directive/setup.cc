#include "test/scenarios/example_directive/setup.h"

#include <string>
#include <vector>

#include "plugins/names.h"

namespace fairlead::plugins::example {

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    cursor.require_once();
    const std::vector<std::string> args = cursor.remaining_args();
    if (args.size() != 2) throw cursor.arg_error();
    const auto address = dns::IpAddress::from_text(args[1]);
    if (!address) throw cursor.error("not an address: '" + args[1] + "'");
    options.name = name_at(cursor, args[0]);
    options.address = *address;
    while (cursor.next_block()) {
      const std::string property = cursor.value();
      if (property == "wait") {
        options.wait = corefile::duration_argument(cursor, cursor.only_arg());
      } else if (property == "alias") {
        options.alias = name_at(cursor, cursor.only_arg());
      } else if (property == "messages") {
        options.messages = corefile::integer_argument(cursor, cursor.only_arg());
      } else {
        throw cursor.unknown_property();
      }
    }
  }
  return options;
}

}  // namespace fairlead::plugins::example
