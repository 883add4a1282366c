#include "plugins/pprof/setup.h"

#include <vector>

namespace fairlead::plugins::pprof {
namespace {

// How many blocking events of Go's are sampled. There are none here, so the number has no use.
void read_block_rate(const corefile::Cursor& at, const std::vector<std::string>& args) {
  if (args.size() > 1) throw at.arg_error();
  if (args.empty()) return;
  try {
    corefile::integer_argument(at, args[0]);
  } catch (const corefile::ConfigError&) {
    throw at.error("property 'block' invalid integer value '" + args[0] + "'");
  }
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    cursor.require_once();
    const std::vector<std::string> args = cursor.remaining_args();
    if (args.size() > 1) throw cursor.arg_error();
    if (args.size() == 1)
      options.address = corefile::listen_address(cursor, args[0], corefile::WrongPort::IsWarning);
    while (cursor.next_block()) {
      if (cursor.value() != "block") throw cursor.unknown_property({"block"});
      const std::vector<std::string> rate = cursor.remaining_args();
      read_block_rate(cursor, rate);
    }
  }
  return options;
}

}  // namespace fairlead::plugins::pprof
