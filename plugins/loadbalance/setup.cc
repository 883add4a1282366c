#include "plugins/loadbalance/setup.h"

#include <string>

namespace fairlead::plugins::loadbalance {
namespace {

void parse_policy(const corefile::Cursor& cursor, const std::vector<std::string>& args) {
  if (args.empty()) return;
  if (args[0] == "weighted") throw cursor.not_supported("policy 'weighted'");
  if (args[0] != "round_robin") throw cursor.error("unknown policy: " + args[0]);
  if (args.size() > 1) throw cursor.error("unknown property for " + args[0]);
}

corefile::Subnet parse_cidr(const corefile::Cursor& cursor, const std::string& text) {
  corefile::Subnet subnet;
  if (corefile::parse_subnet(text, subnet)) return subnet;
  const std::string quoted = '"' + text + '"';
  throw cursor.error(
      std::string("invalid CIDR ").append(quoted).append(": invalid CIDR address: ").append(text));
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    parse_policy(cursor, cursor.remaining_args());
    while (cursor.next_block()) {
      if (cursor.value() != "prefer") throw cursor.unknown_property({"prefer"});
      for (const std::string& text : cursor.remaining_args())
        options.prefer.push_back(parse_cidr(cursor, text));
    }
  }
  return options;
}

}  // namespace fairlead::plugins::loadbalance
