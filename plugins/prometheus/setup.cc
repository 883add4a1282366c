#include "plugins/prometheus/setup.h"

namespace fairlead::plugins::prometheus {

Options parse(corefile::Cursor& cursor, const corefile::Context& context) {
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
        if (!options.tls.empty()) throw cursor.error("tls block already specified");
        options.tls = corefile::rooted_path(context, cursor.only_arg());
      } else {
        throw cursor.error("unknown option: " + cursor.value(), {"runtime_metrics", "tls"});
      }
    }
  }
  return options;
}

}  // namespace fairlead::plugins::prometheus
