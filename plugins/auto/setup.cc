#include "plugins/auto/setup.h"

#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "plugins/names.h"

namespace fairlead::plugins::auto_ {
namespace {

using corefile::Cursor;
using Words = std::vector<std::string>;

// The folder may come later, so that it is not there is no error.
void check_folder(Cursor& cursor, const corefile::Context& context, const std::string& folder) {
  if (context.files == nullptr) return;
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(folder, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    cursor.warn("Directory does not exist: " + folder);
  } else if (error) {
    throw cursor.error("Unable to access root path '" + folder + "': " + error.message());
  }
}

void parse_folder(Cursor& cursor, const corefile::Context& context, Options& options) {
  const Words args = cursor.remaining_args();
  if (args.empty() || args.size() == 2 || args.size() > 3) throw cursor.arg_error();
  options.folder = corefile::rooted_path(context, args[0]);
  check_folder(cursor, context, options.folder);
  if (args.size() == 1) return;
  try {
    options.pattern = OriginPattern(args[1], args[2]);
  } catch (const std::invalid_argument& error) {
    throw cursor.error(error.what());
  }
}

std::chrono::nanoseconds parse_interval(Cursor& cursor) {
  const Words args = cursor.remaining_args();
  if (args.empty()) throw cursor.error("reload duration value is expected");
  const std::chrono::nanoseconds interval = corefile::duration_argument(cursor, args[0]);
  if (interval.count() < 0) throw cursor.error("invalid duration");
  return interval;
}

void parse_option(Cursor& cursor, const corefile::Context& context, Options& options) {
  const std::string name = cursor.value();
  if (name == "directory") {
    parse_folder(cursor, context, options);
  } else if (name == "reload") {
    options.reload = parse_interval(cursor);
  } else if (name == "upstream") {
    cursor.remaining_args();  // of old Corefiles
  } else {
    throw cursor.unknown_property();
  }
}

// CoreDNS walks all that lies below, which may be the whole machine.
void use_working_folder(Cursor& cursor, const corefile::Context& context, Options& options) {
  options.folder = context.root_dir.empty() ? "." : context.root_dir;
  options.with_folders = false;
  cursor.warn("auto names no directory: zone files are looked for in the working directory itself");
}

}  // namespace

std::vector<Options> parse(Cursor& cursor, const corefile::Context& context) {
  std::vector<Options> all;
  while (cursor.next()) {
    Options options;
    options.zones = names_at(
        cursor, corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones));
    while (cursor.next_block()) parse_option(cursor, context, options);
    if (options.folder.empty()) use_working_folder(cursor, context, options);
    all.push_back(std::move(options));
  }
  return all;
}

}  // namespace fairlead::plugins::auto_
