// `fairlead explain`: its command line, and what it prints.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "explain/explain.h"
#include "explain/explain_ask.h"
#include "net/usage_error.h"
#include "zones/objects.h"

namespace fairlead::explain {

struct ExplainFlags {
  ExplainQuestion question;
  std::string conf;  // as Flags::conf
  uint16_t port = 53;
  std::optional<net::Endpoint> server;
  std::string kubeconfig, manifests;    // where the cluster is read instead
  std::string space;                    // a pod of this namespace asks
  std::optional<zones::ObjectKey> pod;  // this one does; not both
  std::chrono::seconds timeout{10};     // until the cluster must have been read
  bool help = false;
};

/// `arguments` behind the word "explain": NAME [TYPE] [CLASS] and flags, in any order. An address
/// as NAME stands for its reverse name, asked for PTR; class CH is asked for TXT. Does no I/O.
std::variant<ExplainFlags, net::UsageError> parse_explain_flags(
    const std::vector<std::string>& arguments);

std::string explain_usage();

/// What a running server said, and where it differs from `here` (may be null), as lines.
std::string compare_text(const net::Endpoint& server, const ServerReply& reply,
                         const ExplainQuestion& question, const Explanation* here);

/// Prints the explanation. Exit status: 0 there is an answer, or an upstream is to give it; 1 there
/// is none; 2 the command line or the configuration cannot be used.
int explain_main(const std::vector<std::string>& arguments);

}  // namespace fairlead::explain
