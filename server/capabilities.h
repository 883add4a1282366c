// The right to listen on ports below 1024 without being root (capabilities(7)).
#pragma once

namespace fairlead::server {

/// Makes CAP_NET_BIND_SERVICE effective where this thread is permitted to have it: a file
/// capability `=p` only permits, so that the program still starts where containers lose all
/// capabilities. Threads started later inherit it; call it before any of them and before sockets
/// are bound. Returns whether the capability is effective now. A failure is no error here: binding
/// says what is missing (listen/listener.h), and where net.ipv4.ip_unprivileged_port_start is low
/// nothing is.
bool raise_bind_capability();

}  // namespace fairlead::server
