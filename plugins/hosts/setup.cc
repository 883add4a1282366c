#include "plugins/hosts/setup.h"

#include <optional>
#include <stdexcept>

#include "corefile/duration.h"
#include "plugins/hosts/lines.h"

namespace fairlead::plugins::hosts {
namespace {

using corefile::Context;
using corefile::Cursor;
using Words = std::vector<std::string>;

uint32_t parse_ttl(Cursor& cursor) {
  const Words args = cursor.remaining_args();
  if (args.empty()) throw cursor.error("ttl needs a time in second");
  int64_t ttl = 0;
  try {
    ttl = corefile::integer_argument(cursor, args[0]);
  } catch (const corefile::ConfigError&) {
    throw cursor.error("ttl needs a number of second");
  }
  if (ttl <= 0 || ttl > 65535) throw cursor.error("ttl provided is invalid");
  return static_cast<uint32_t>(ttl);
}

std::chrono::nanoseconds parse_reload(Cursor& cursor) {
  const Words args = cursor.remaining_args();
  if (args.size() != 1) throw cursor.error("reload needs a duration (zero seconds to disable)");
  const std::chrono::nanoseconds interval =
      corefile::duration_argument(cursor, args[0], "invalid duration for reload '" + args[0] + "'");
  if (interval.count() < 0)
    throw cursor.error("invalid negative duration for reload '" + args[0] + "'");
  return interval;
}

// The words of a line that is no option, as a line of a hosts file.
void parse_inline(Cursor& cursor, Options& options) {
  if (!options.fall_through.empty())
    throw cursor.unknown_property(
        {"fallthrough", "fallthrough_unsupported", "no_reverse", "ttl", "reload"});
  const std::string place = cursor.token().file + ":" + std::to_string(cursor.token().line);
  std::string line = cursor.value();
  for (const std::string& word : cursor.remaining_args()) line += " " + word;
  read_lines(
      line, [](const dns::Name&, const dns::IpAddress&) {},
      [&](size_t, const std::string& what) { cursor.warn(place + ": " + what); });
  options.inline_text += line + "\n";
}

void parse_option(Cursor& cursor, Options& options) {
  const std::string name = cursor.value();
  if (name == "fallthrough") {
    options.fall_through = corefile::zone_arguments(cursor, cursor.remaining_args(), {"."});
  } else if (name == "fallthrough_unsupported") {
    cursor.no_args();
    options.fall_through_unsupported = true;
  } else if (name == "no_reverse") {
    cursor.no_args();
    options.reverse = false;
  } else if (name == "ttl") {
    options.ttl = parse_ttl(cursor);
  } else if (name == "reload") {
    options.reload = parse_reload(cursor);
  } else {
    parse_inline(cursor, options);
  }
}

// The file may come later, so that it is not there is no error.
void check_file(Cursor& cursor, const Context& context, const std::string& path) {
  if (context.files == nullptr) return;
  const std::optional<corefile::FileText> file = context.files->read(path);
  if (!file) {
    cursor.warn("File does not exist: " + path);
  } else if (file->error == "is a directory") {
    cursor.warn("Hosts file \"" + path + "\" is a directory");
  } else if (!file->error.empty()) {
    throw cursor.error("unable to access hosts file '" + path + "': " + file->error);
  }
}

}  // namespace

Options parse(Cursor& cursor, const Context& context) {
  Options options;
  while (cursor.next()) {
    cursor.require_once();
    Words args = cursor.remaining_args();
    if (!args.empty()) {
      options.path = corefile::rooted_path(context, args[0]);
      check_file(cursor, context, options.path);
      args.erase(args.begin());
    }
    options.zones = corefile::zone_arguments(cursor, args, context.block_zones);
    while (cursor.next_block()) parse_option(cursor, options);
  }
  if (options.fall_through_unsupported && options.fall_through.empty())
    throw cursor.error("fallthrough_unsupported requires fallthrough");
  return options;
}

}  // namespace fairlead::plugins::hosts
