// The command `fairlead status`: asks the server that runs beside it how it is.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/usage_error.h"

namespace fairlead::server {

struct StatusFlags {
  std::optional<int> pid;  // of the server, where there are several
  bool help = false;
};

/// `arguments` without "status".
std::variant<StatusFlags, net::UsageError> parse_status_flags(
    const std::vector<std::string>& arguments);

std::string status_usage();

/// The names of servers' sockets in what /proc/net/unix says, without the '@', each once.
std::vector<std::string> status_sockets(const std::string& proc_net_unix);

/// Prints what the server says. 0: it is ready, 1: it is not, or there is none that tells, 2: a
/// mistake in `arguments`, or several servers and none was named.
int status_main(const std::vector<std::string>& arguments);

}  // namespace fairlead::server
