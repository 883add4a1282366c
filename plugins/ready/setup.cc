#include "plugins/ready/setup.h"

namespace fairlead::plugins::ready {

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    cursor.require_once();
    const std::vector<std::string> args = cursor.remaining_args();
    if (args.size() > 1) throw cursor.arg_error();
    if (args.size() == 1) {
      options.address = corefile::listen_address(cursor, args[0], corefile::WrongPort::IsWarning);
    }
    while (cursor.next_block()) {
      if (cursor.value() != "monitor") throw cursor.unknown_property({"monitor"});
      const std::string monitor = cursor.only_arg();
      if (monitor != "until-ready" && monitor != "continuously") {
        throw cursor.error("monitor type '" + monitor + "' not supported");
      }
      options.monitor = monitor == "continuously" ? Monitor::Continuously : Monitor::UntilReady;
    }
  }
  return options;
}

}  // namespace fairlead::plugins::ready
