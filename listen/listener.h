// Opens the sockets of a listening address. Opening is all or nothing and happens before anything
// that runs is changed, so that a busy port or a missing permission leaves a running server as it
// was.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "net/counter.h"
#include "net/endpoint.h"
#include "net/file_descriptor.h"

namespace fairlead::listen {

/// Why a socket could not be opened: "listen udp 10.0.0.1:53: bind: address already in use".
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What one UDP socket has lost. Written by the worker's thread, read by any.
struct SocketDrops {
  net::Counter queries;  // thrown away by the kernel because the receive buffer was full
  net::Counter replies;  // not taken by the kernel
};

/// The two sockets that one worker serves of one listening address: non-blocking, close-on-exec,
/// the TCP one already listening.
struct WorkerSockets {
  net::FileDescriptor udp;  // closed without datagrams
  net::FileDescriptor tcp;
  net::Endpoint local;  // as bound; the port is never 0
  bool per_packet_address =
      false;  // bound to the wildcard: each datagram tells the address that was asked (IP_PKTINFO)
  std::shared_ptr<SocketDrops> drops;  // may be null
};

struct ListenOptions {
  size_t sockets = 1;  // SO_REUSEPORT sockets of each transport, usually one per worker; at least 1
  bool check_free =
      true;  // refuse a port that somebody has; false for a port this process has already (reload)
  bool datagrams = true;         // false: connections only
  int backlog = 1024;            // of the TCP sockets
  int receive_buffer = 4 << 20;  // octets asked for each UDP socket; the kernel may give less
};

/// Opens `options.sockets` pairs for `address`. SO_REUSEPORT would share a port silently with
/// another program of the same user, so the port is first taken without it. Throws ListenError;
/// then nothing stays open. Any thread.
std::vector<WorkerSockets> open_listen_sockets(const net::ListenAddress& address,
                                               const ListenOptions& options);

/// True when this host can open IPv6 sockets.
bool has_ipv6();

}  // namespace fairlead::listen
