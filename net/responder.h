// The one call between sockets and answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "dns/query.h"
#include "net/endpoint.h"

namespace fairlead::net {

/// A reply of many messages. Touched by its worker's thread only.
class MessageSource {
 public:
  virtual ~MessageSource() = default;

  /// Writes the next message into `out`, which has room for the largest, and returns its size; 0:
  /// that was all. Nothing: the rest cannot be had. Never throws.
  virtual std::optional<size_t> next_message(std::span<uint8_t> out) = 0;
};

/// A socket or connection that takes replies after respond() has returned. Touched by its worker's
/// thread only.
class LateReplies {
 public:
  virtual ~LateReplies() = default;

  /// Promises one call of send_late() or send_many(). Until that has come, what is returned keeps
  /// the socket open as far as it lies with us.
  virtual std::shared_ptr<LateReplies> expect_reply() = 0;

  /// Sends `reply` (empty: nothing is said after all) if the client can still be reached. Never
  /// from within respond().
  virtual void send_late(const Peers& peers, std::span<const uint8_t> reply) = 0;

  /// Sends message after message, as the client takes them, and closes when the rest cannot be had.
  /// Only connections can. Also from within respond(): the first is asked for later. `messages` is
  /// let go of behind the last message, or when the client has gone.
  virtual void send_many(const Peers& peers, const std::shared_ptr<MessageSource>& /*messages*/) {
    send_late(peers, {});
  }
};

/// A request as the network gave it. Views live as long as the call.
struct Request : Peers {
  std::span<const uint8_t> packet;
  dns::Transport transport = dns::Transport::Udp;
  LateReplies* late = nullptr;            // null: only an immediate reply is of use
  uint16_t idle_limit = dns::kIdleLimit;  // of the connection, in 100 ms (RFC 7828)
};

/// What respond() returns when the reply follows through Request::late.
inline constexpr size_t kReplyFollows = SIZE_MAX;

/// What a worker asks for every request. One instance per worker, used by that worker's thread
/// only.
class Responder {
 public:
  static constexpr size_t kLookahead = 16;

  virtual ~Responder() = default;

  /// Told of the requests that respond() is asked next, in this order and with nothing in between:
  /// what their answers are made from can be fetched from memory meanwhile. kLookahead at most.
  virtual void look_ahead(std::span<const Request>) {}

  /// Writes the reply into `out`, which has room for the largest reply of the transport, and
  /// returns its size; 0 says nothing. kReplyFollows: the reply comes later. Never throws.
  virtual size_t respond(const Request& request, std::span<uint8_t> out) = 0;

  /// Replies that are to follow.
  [[nodiscard]] virtual size_t replies_to_follow() const { return 0; }

  /// The worker caught an exception outside respond(); it goes on.
  virtual void note_failure() {}
};

}  // namespace fairlead::net
