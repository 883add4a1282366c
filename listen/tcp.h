// Connections of clients on one worker: accepting, limits, deadlines. What is said on one is
// TcpSession's, or DohSession's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "listen/session.h"
#include "listen/tcp_settings.h"
#include "net/asio.h"
#include "net/file_descriptor.h"
#include "net/responder.h"

namespace fairlead::listen {

/// All listening sockets and connections of one worker. Touched by its thread only.
class TcpServer {
 public:
  /// The references outlive the server. `responder` may be replaced between two events.
  TcpServer(asio::io_context& context, const TcpOptions& options, TcpCounters& counters,
            std::unique_ptr<net::Responder>& responder);
  ~TcpServer();

  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;

  /// Accepts on a listening socket from now on.
  void listen(uint32_t listener, net::FileDescriptor socket);

  /// For connections of `listener` that are accepted from now on.
  void set(uint32_t listener, const TcpSettings& settings) { settings_[listener] = settings; }

  /// Takes the connections that the kernel has queued for `listener`, stops to accept, and lets its
  /// connections finish.
  void close(uint32_t listener);

  /// The same for every listener.
  void close_all();

  /// Closes everything at once.
  void abort();

  [[nodiscard]] size_t connections() const { return sessions_.size(); }

 private:
  class Acceptor;
  using Sessions = std::map<const Session*, std::shared_ptr<Session>>;

  void admit(net::FileDescriptor socket, const net::Peers& peers);
  [[nodiscard]] bool may_accept(uint32_t listener, int listening_socket);
  [[nodiscard]] bool make_room(const dns::IpAddress& client);
  template <typename Which>
  bool evict_oldest(Which which);
  void forget(Session& session);
  void relieve(int listening_socket);
  [[nodiscard]] const TcpSettings& settings_of(uint32_t listener) const;
  void watch_deadlines();
  void finish_sessions(bool all, uint32_t listener);

  Session::Shared shared_;
  net::FileDescriptor
      reserve_;  // given up to be able to turn a connection away when there is no other descriptor
  std::multimap<uint32_t, std::shared_ptr<Acceptor>> acceptors_;
  Sessions sessions_;
  std::map<dns::IpAddress, size_t> per_client_;
  std::map<uint32_t, TcpSettings> settings_;  // of listeners that have their own
  asio::steady_timer deadlines_;
  bool watching_ = false;
};

}  // namespace fairlead::listen
