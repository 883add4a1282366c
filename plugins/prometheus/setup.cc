#include "plugins/prometheus/setup.h"

namespace fairlead::plugins::prometheus {

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
      if (cursor.value() == "runtime_metrics") {
        cursor.no_args();
        options.runtime_metrics = true;
      } else if (cursor.value() == "tls") {
        throw cursor.not_supported("'tls'");
      } else {
        throw cursor.unknown_property({"runtime_metrics"});
      }
    }
  }
  return options;
}

}  // namespace fairlead::plugins::prometheus
