// The sockets of a dnstap endpoint.
#pragma once

#include <string>
#include <variant>

#include "net/file_descriptor.h"
#include "plugins/dnstap/setup.h"

namespace fairlead::plugins::dnstap {

/// A socket, or why there is none, in Go's words.
using SocketOrError = std::variant<net::FileDescriptor, std::string>;

/// A non-blocking socket that is connected; waits up to 4 s for that, or until `stop` can be read.
/// Host names are looked up.
SocketOrError connect_to(const Options& options, int stop);

/// A non-blocking socket that listens. A Unix socket that nobody listens at any more is removed.
SocketOrError listen_at(const Options& options);

}  // namespace fairlead::plugins::dnstap
