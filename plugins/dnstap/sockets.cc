#include "plugins/dnstap/sockets.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "net/socket_address.h"

namespace fairlead::plugins::dnstap {
namespace {

constexpr int kPatience = 4000;  // ms
constexpr int kBacklog = 16;
constexpr int kFlags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

// An address as the system wants it.
struct Target {
  int family = AF_UNIX;
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string text;  // "unix /run/dnstap.sock"
};

using TargetOrError = std::variant<Target, std::string>;

TargetOrError unix_target(const std::string& path) {
  Target target{.text = "unix " + path};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return target.text + ": " + net::error_text(EINVAL);
  std::copy(path.begin(), path.end(), address.sun_path);
  std::memcpy(&target.address, &address, sizeof address);
  target.size = sizeof address;
  return target;
}

TargetOrError target_of(const Options& options, bool passive) {
  if (options.transport == Transport::Unix) return unix_target(options.path);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
  addrinfo* found = nullptr;
  const char* const host = options.host.empty() ? nullptr : options.host.c_str();
  const int error = ::getaddrinfo(host, options.port.c_str(), &hints, &found);
  if (error != 0) return "tcp: lookup " + options.host + ": " + ::gai_strerror(error);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
  Target target{.family = found->ai_family,
                .size = found->ai_addrlen,
                .text = "tcp " + options.host + ":" + options.port};
  std::memcpy(&target.address, found->ai_addr, found->ai_addrlen);
  return target;
}

const sockaddr* address_of(const Target& target) {
  return reinterpret_cast<const sockaddr*>(&target.address);
}

// 0, or the error of the connection that is made.
int wait_connected(int socket, int stop) {
  pollfd waited[] = {{socket, POLLOUT, 0}, {stop, POLLIN, 0}};
  if (::poll(waited, 2, kPatience) <= 0) return ETIMEDOUT;
  if (waited[0].revents == 0) return ECANCELED;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ? errno : error;
}

// What a process that ended has left. Another one that listens there is not disturbed.
void remove_dead(const Target& target, const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const net::FileDescriptor socket(::socket(AF_UNIX, kFlags, 0));
  const bool dead =
      ::connect(socket.get(), address_of(target), target.size) != 0 && errno == ECONNREFUSED;
  if (dead) ::unlink(path.c_str());
}

}  // namespace

SocketOrError connect_to(const Options& options, int stop) {
  const TargetOrError found = target_of(options, false);
  if (const auto* error = std::get_if<std::string>(&found)) return "dial " + *error;
  const Target& target = std::get<Target>(found);
  net::FileDescriptor socket(::socket(target.family, kFlags, 0));
  int error = 0;
  if (!socket.is_open() || ::connect(socket.get(), address_of(target), target.size) != 0)
    error = errno;
  if (error == EINPROGRESS) error = wait_connected(socket.get(), stop);
  if (error == 0) return socket;
  return "dial " + target.text + ": connect: " + net::error_text(error);
}

SocketOrError listen_at(const Options& options) {
  const TargetOrError found = target_of(options, true);
  if (const auto* error = std::get_if<std::string>(&found)) return "listen " + *error;
  const Target& target = std::get<Target>(found);
  if (target.family == AF_UNIX) remove_dead(target, options.path);
  net::FileDescriptor socket(::socket(target.family, kFlags, 0));
  const int on = 1;
  if (socket.is_open() && target.family != AF_UNIX)
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!socket.is_open() || ::bind(socket.get(), address_of(target), target.size) != 0)
    return "listen " + target.text + ": bind: " + net::error_text(errno);
  if (::listen(socket.get(), kBacklog) != 0)
    return "listen " + target.text + ": " + net::error_text(errno);
  return socket;
}

}  // namespace fairlead::plugins::dnstap
