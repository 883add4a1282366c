// The command line, in the style of Go's flag package, because that is what users of CoreDNS type.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "net/log.h"
#include "net/usage_error.h"

namespace fairlead::server {

struct Flags {
  std::string conf;     // Corefile, or "stdin"; empty: ./Corefile, if there is one
  uint16_t port = 53;   // for keys without one
  std::string pidfile;  // empty: none
  net::LogFormat log_format = net::LogFormat::Text;
  bool plugins = false;
  bool quiet = false;
  bool version = false;
  bool check = false;
  std::string translate_kube_dns;  // a ConfigMap's file, or "-"; empty: not asked for
  bool help = false;
};

using net::UsageError;

// `arguments` without the program's name. Forms: -x v, -x=v, --x v, --x=v; `--` ends the flags.
// Does no I/O.
std::variant<Flags, UsageError> parse_flags(const std::vector<std::string>& arguments);

// `Usage of PROGRAM:` and a paragraph per flag.
std::string usage_text(const std::string& program);

}  // namespace fairlead::server
