// How many files and sockets this process may have open, and what that leaves for clients.
#pragma once

#include <cstddef>

namespace fairlead::net {

/// Raises the limit of open files to the hard one, as Go's runtime does: container runtimes often
/// start a process with 1024. Returns the limit that holds now.
size_t raise_descriptor_limit();

/// How many of `descriptors` TCP clients of DNS may have: the rest stays for listening sockets,
/// probes, the API server and reading the Corefile. At least 1.
size_t client_descriptors(size_t descriptors);

}  // namespace fairlead::net
