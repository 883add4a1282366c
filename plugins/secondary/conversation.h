// One question to another server over TCP (RFC 1035 §4.2.2) or TLS (RFC 9103), and its reply of one
// message or many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/asio.h"
#include "net/endpoint.h"
#include "net/tls_session.h"

namespace fairlead::plugins::secondary {

/// Made by make_shared; used by the control thread. Ends when nobody has it any more.
class Conversation : public std::enable_shared_from_this<Conversation> {
 public:
  /// For the connection, for TLS, for the query to leave, and for the reply to begin.
  static constexpr std::chrono::seconds kPatience{2};
  /// For each message of it: servers say the SOA of a large zone at once, and then read the rest
  /// from their database (PowerDNS).
  static constexpr std::chrono::seconds kPatienceWithin{30};
  /// For all of it: a server that says a little now and then is not listened to for ever.
  static constexpr std::chrono::minutes kLongest{30};

  /// Is given each message; false: that was all.
  using Take = std::function<bool(std::span<const uint8_t> message)>;
  /// Called once, unless this is destroyed before: why it ended before Take had enough, else empty.
  /// `connected`: the server was there, and TLS has not refused one of us.
  using End = std::function<void(const std::string& error, bool connected)>;

  /// `context` must outlive it. `tls`: a client's that has not begun; null: none.
  Conversation(asio::io_context& context, const net::ServerEndpoint& to,
               std::unique_ptr<net::TlsSession> tls = nullptr);

  /// `query` is a message. Called once. Neither is called before this has returned.
  void start(std::span<const uint8_t> query, Take take, End end);

 private:
  void wait();
  [[nodiscard]] std::string where() const;
  void connected(const boost::system::error_code& error);
  void opened();
  void flush();
  void written(const boost::system::error_code& error);
  void read();
  void received(const boost::system::error_code& error, size_t size);
  bool decrypt(size_t size);
  void end_tls();
  bool take(size_t size);
  void say_goodbye();
  bool take_messages();
  void end(const std::string& error);

  asio::ip::tcp::socket socket_;
  net::Timer timer_;
  const net::ServerEndpoint to_;
  const std::unique_ptr<net::TlsSession> tls_;
  std::vector<uint8_t> query_;      // with its length in front
  std::vector<uint8_t> out_;        // what the kernel is given
  std::vector<uint8_t> encrypted_;  // what came from the socket, with TLS
  std::vector<uint8_t> in_;
  size_t filled_ = 0;
  bool is_connected_ = false;
  bool is_open_ = false;  // connected, and TLS has begun where it is wanted
  bool is_writing_ = false;
  bool has_begun_ = false;       // the reply
  bool has_heard_ = false;       // a message of it
  net::Clock::time_point last_;  // when all of it must be done
  Take take_;
  End end_;
};

}  // namespace fairlead::plugins::secondary
