#include "plugins/bind/setup.h"

#include <algorithm>
#include <variant>

#include "net/interfaces.h"
#include "plugins/plan.h"

namespace fairlead::plugins::bind {
namespace {

Line parse_line(corefile::Cursor& cursor) {
  Line line{cursor.remaining_args(), {}};
  if (line.listen.empty()) throw cursor.error("at least one address or interface name is expected");
  while (cursor.next_block()) {
    if (cursor.value() != "except")
      throw cursor.error("invalid option \"" + cursor.value() + "\"", {"except"});
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

void read(corefile::Cursor& cursor, Plan& plan) {
  for (const Line& line : parse(cursor).lines) {
    const auto found = net::listen_addresses({line.listen, line.except}, 0, plan.interfaces());
    if (const auto* error = std::get_if<std::string>(&found)) throw cursor.error(*error);
    for (const net::ListenAddress& address : std::get<std::vector<net::ListenAddress>>(found)) {
      if (std::ranges::find(plan.addresses, address) == plan.addresses.end())
        plan.addresses.push_back(address);
    }
  }
  if (plan.addresses.empty()) throw cursor.error("no address left to listen on");
}

}  // namespace fairlead::plugins::bind
