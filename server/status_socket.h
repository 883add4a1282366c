// Where a running server tells `fairlead status` how it is: a Unix socket without a file, which the
// image's read-only file system could not hold.
#pragma once

#include <sys/socket.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "net/asio.h"

namespace fairlead::server {

/// Begins the name of each server's socket, behind the octet 0 of an abstract one; random digits
/// follow, as several servers may share a network namespace.
inline constexpr std::string_view kStatusSocketPrefix = "fairlead-status-";

/// Whoever connects is told once and that is all; what it sends is not read. Only processes that
/// this one can see in its process namespace, of its own user or of root, are told anything: other
/// pods are not, nor are other containers of this one. Control thread.
class StatusSocket {
 public:
  /// `reply` is called for each of them.
  StatusSocket(asio::io_context& io, std::function<std::string()> reply);

  /// Empty, or why there is none.
  std::string open();
  void close();

  [[nodiscard]] const std::string& name() const { return name_; }  // without the octet 0

 private:
  using Protocol = asio::local::stream_protocol;

  void accept();
  void tell(Protocol::socket& client) const;

  Protocol::acceptor acceptor_;
  net::Timer pause_;
  const std::function<std::string()> reply_;
  std::string name_;
};

/// What is sent: whether it is ready, for an exit status, and the text.
std::string status_reply(bool ready, std::string_view text);

/// Who is at the other end of a connected Unix socket; pid 0: nobody this process can see.
ucred peer_of(int socket);

/// A server of user `server` tells `peer`.
bool may_ask(const ucred& peer, uid_t server);

}  // namespace fairlead::server
