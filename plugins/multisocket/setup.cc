#include "plugins/multisocket/setup.h"

#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "plugins/plan.h"

namespace fairlead::plugins::multisocket {
namespace {

constexpr int64_t kMost = 1024;

size_t parse_number(const corefile::Cursor& cursor, const std::string& text) {
  const int64_t number = corefile::integer_argument(cursor, text, "invalid num sockets: ");
  if (number <= 0)
    throw cursor.error("num sockets can not be zero or negative: " + std::to_string(number));
  if (number > kMost) {
    throw cursor.error("num sockets exceeds maximum (" + std::to_string(kMost) +
                       "): " + std::to_string(number));
  }
  return static_cast<size_t>(number);
}

}  // namespace

size_t parse(corefile::Cursor& cursor) {
  cursor.next();
  const std::vector<std::string> args = cursor.remaining_args();
  if (args.size() > 1) throw cursor.arg_error();
  const size_t sockets = args.empty() ? 0 : parse_number(cursor, args[0]);
  if (cursor.next_block()) throw cursor.unknown_property();
  if (cursor.next()) throw cursor.arg_error();
  return sockets;
}

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.listening.sockets = parse(cursor);
}

}  // namespace fairlead::plugins::multisocket
