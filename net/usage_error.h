// A command line that cannot be used.
#pragma once

#include <string>

namespace fairlead::net {

/// Print `message` and, when asked, the usage to stderr, then exit.
struct UsageError {
  std::string message;
  bool show_usage = true;
  int exit_code = 2;
};

}  // namespace fairlead::net
