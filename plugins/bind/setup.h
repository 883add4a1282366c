// The bind directive: the addresses a block listens on.
#pragma once

#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins::bind {

// Words as written, IP addresses or interface names; each use of the directive is one entry,
// because `except` counts for its own line only.
struct Line {
  std::vector<std::string> listen;
  std::vector<std::string> except;
  friend bool operator==(const Line&, const Line&) = default;
};

struct Options {
  std::vector<Line> lines;
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError.
Options parse(corefile::Cursor& cursor);

struct Interface {
  std::string name;
  std::vector<std::string> addresses;  // text form, no scope, no prefix length
};

// The interfaces of this machine with their addresses, link-local ones excepted. Throws
// std::system_error.
std::vector<Interface> system_interfaces();

// The addresses to listen on, without duplicates, in the order written. Throws
// std::invalid_argument with CoreDNS's words: `not a valid IP address or interface name: "eth9"`.
// Empty when everything was excepted.
std::vector<std::string> addresses(const Options& options,
                                   const std::vector<Interface>& interfaces);

}  // namespace fairlead::plugins::bind
