// Arguments of directives as values: numbers, durations, zones, addresses, paths. Every error names
// the place of the cursor and uses Go's words where CoreDNS shows them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "corefile/cursor.h"
#include "corefile/file_reader.h"
#include "net/subnet.h"

namespace fairlead::corefile {

// What a directive takes from the block it stands in. Not owned: must outlive the parse.
struct Context {
  std::vector<std::string> block_zones;  // normalised zones of the block's keys
  std::string root_dir;                  // folder of relative paths; empty: the working directory
  const FileReader* files =
      nullptr;  // for directives that read a file while parsing (forward's resolv.conf)
};

// A decimal number with an optional sign: `strconv.Atoi: parsing "x": invalid syntax` (or `value
// out of range`), with `before` in front.
int64_t integer_argument(const Cursor& cursor, const std::string& text,
                         const std::string& before = {});
// In Go's reading. `wrong` is the error in place of Go's own.
std::chrono::nanoseconds duration_argument(const Cursor& cursor, const std::string& text,
                                           const std::string& wrong = {});
// Normalised zones of `args`, or the block's own when there are none.
std::vector<std::string> zone_arguments(const Cursor& cursor, const std::vector<std::string>& args,
                                        const std::vector<std::string>& otherwise);
// HOST:PORT, host and port may be empty, host [v6]: `address X: missing port in address`. Returned
// as written. A port that is none is a warning where the server starts without the address.
enum class WrongPort : uint8_t { IsError, IsWarning };
std::string listen_address(Cursor& cursor, const std::string& text,
                           WrongPort wrong = WrongPort::IsError);
// `path` from root_dir when it is relative and there is one.
std::string rooted_path(const Context& context, const std::string& path);
// An IPv4 or IPv6 address in text form, without brackets, port or scope.
bool is_ip_address(const std::string& text);

using net::parse_subnet;
using net::Subnet;

}  // namespace fairlead::corefile
