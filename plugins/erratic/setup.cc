#include "plugins/erratic/setup.h"

#include <charconv>
#include <string>
#include <system_error>
#include <vector>

#include "corefile/arguments.h"

namespace fairlead::plugins::erratic {
namespace {

using corefile::Cursor;

constexpr uint64_t kUsual = 2;
constexpr std::chrono::milliseconds kUsualDelay{100};

// As Go's strconv.ParseInt of 32 bits.
uint64_t amount(const Cursor& cursor, const std::string& text) {
  int32_t value = 0;
  const char* const begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  const std::string parsing = "strconv.ParseInt: parsing \"" + text + "\": ";
  if (error == std::errc::result_out_of_range && stop == end)
    throw cursor.error(parsing + "value out of range");
  if (error != std::errc() || stop != end || text.starts_with("+-"))
    throw cursor.error(parsing + "invalid syntax");
  if (value < 0) throw cursor.error("illegal amount value given \"" + text + "\"");
  return static_cast<uint64_t>(value);
}

// Up to `most` words behind an option.
std::vector<std::string> words(Cursor& cursor, size_t most) {
  std::vector<std::string> all = cursor.remaining_args();
  if (all.size() > most) throw cursor.arg_error();
  return all;
}

void parse_delay(Cursor& cursor, Options& options) {
  const std::vector<std::string> args = words(cursor, 2);
  options.delay = args.empty() ? kUsual : amount(cursor, args[0]);
  options.delay_time = args.size() < 2 ? kUsualDelay : corefile::duration_argument(cursor, args[1]);
}

}  // namespace

// `drop` without a number is no more than the default, which the others switch off.
Options parse(Cursor& cursor) {
  Options options;
  bool drops = false;
  while (cursor.next()) {
    static_cast<void>(cursor.remaining_args());
    while (cursor.next_block()) {
      const std::string property = cursor.value();
      if (property == "drop") {
        const std::vector<std::string> args = words(cursor, 1);
        if (args.empty()) continue;
        options.drop = amount(cursor, args[0]);
        drops = true;
      } else if (property == "delay") {
        parse_delay(cursor, options);
      } else if (property == "truncate") {
        const std::vector<std::string> args = words(cursor, 1);
        options.truncate = args.empty() ? kUsual : amount(cursor, args[0]);
      } else if (property == "large") {
        options.large = true;
      } else {
        throw cursor.unknown_property({"drop", "delay", "truncate", "large"});
      }
    }
  }
  if ((options.delay > 0 || options.truncate > 0) && !drops) options.drop = 0;
  return options;
}

}  // namespace fairlead::plugins::erratic
