#include "net/connected_socket.h"

#include <poll.h>

#include <cerrno>

#include "net/socket_address.h"

namespace fairlead::net {

FileDescriptor connected_socket(const Endpoint& to, int type) {
  SocketAddress address{};
  const socklen_t size = to_socket_address(to, 0, address);
  FileDescriptor fd(::socket(address.any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open() || ::connect(fd.get(), &address.any, size) == 0 || errno == EINPROGRESS)
    return fd;
  const int error = errno;
  fd.reset();
  errno = error;
  return fd;
}

bool wait_for(int fd, short events, std::chrono::steady_clock::time_point end) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now())
            .count();
    if (left <= 0) return false;
    pollfd waited{fd, events, 0};
    if (::poll(&waited, 1, static_cast<int>(left)) > 0) return true;
  }
}

}  // namespace fairlead::net
