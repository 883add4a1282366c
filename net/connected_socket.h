// Sockets of those who ask one server and wait: explain, names of upstreams, loop probes.
#pragma once

#include <chrono>

#include "net/endpoint.h"
#include "net/file_descriptor.h"

namespace fairlead::net {

/// A non-blocking socket of `type` (SOCK_DGRAM, SOCK_STREAM) whose peer is `to`; connecting may
/// still go on. None, with errno, when that cannot be.
FileDescriptor connected_socket(const Endpoint& to, int type);

/// Blocks until one of `events` (poll(2)) is there; false when `end` comes first.
bool wait_for(int fd, short events, std::chrono::steady_clock::time_point end);

}  // namespace fairlead::net
