#include "plugins/loadbalance/setup.h"

#include <string>

namespace fairlead::plugins::loadbalance {
namespace {

using Words = std::vector<std::string>;

std::chrono::nanoseconds parse_reload(corefile::Cursor& cursor) {
  const Words args = cursor.remaining_args();
  if (args.empty()) throw cursor.error("reload duration value is missing");
  if (args.size() > 1) throw cursor.error("unexpected argument");
  const std::string wrong = "invalid reload duration '" + args[0] + "'";
  const auto reload = corefile::duration_argument(cursor, args[0], wrong);
  if (reload.count() < 0) throw cursor.error(wrong);
  return reload;
}

WeightFile parse_weighted(corefile::Cursor& cursor, const Words& args,
                          const corefile::Context& context) {
  if (args.size() < 2) throw cursor.error("missing weight file argument");
  if (args.size() > 2) throw cursor.error("unexpected argument(s)");
  WeightFile file{.path = corefile::rooted_path(context, args[1])};
  while (cursor.next_block()) {
    if (cursor.value() != "reload") throw cursor.unknown_property();
    file.reload = parse_reload(cursor);
  }
  return file;
}

void check_policy(const corefile::Cursor& cursor, const Words& args) {
  if (args.empty()) return;
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

Options parse(corefile::Cursor& cursor, const corefile::Context& context) {
  Options options;
  while (cursor.next()) {
    const Words args = cursor.remaining_args();
    if (!args.empty() && args[0] == "weighted") {
      options = {.prefer = {}, .weighted = parse_weighted(cursor, args, context)};
      continue;
    }
    check_policy(cursor, args);
    options.weighted.reset();
    while (cursor.next_block()) {
      if (cursor.value() != "prefer") throw cursor.unknown_property({"prefer"});
      for (const std::string& text : cursor.remaining_args())
        options.prefer.push_back(parse_cidr(cursor, text));
    }
  }
  return options;
}

}  // namespace fairlead::plugins::loadbalance
