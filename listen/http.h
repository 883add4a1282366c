// HTTP of one connection without its socket: octets in, requests out; replies in, octets out. For
// either version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::listen {

/// What a client may send; more is answered 431 or 413.
inline constexpr size_t kMaxHttpHeader = size_t{16} * 1024;
inline constexpr size_t kMaxHttpBody = 65535;

struct HttpRequest {
  std::string method;
  std::string target;        // "/dns-query?dns=…"
  std::string content_type;  // empty: none
  std::vector<uint8_t> body;
};

struct HttpReply {
  uint16_t status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string_view allow{};           // empty: not said
  std::optional<uint32_t> max_age{};  // seconds
  std::span<const uint8_t> body{};
  bool head = false;  // the body's size is said, the body is not
};

/// Who answers. Called from within HttpConversation::receive(), and may answer there or later.
class HttpServer {
 public:
  virtual ~HttpServer() = default;

  /// A whole request, which may be taken apart: answer() must follow, with this number.
  virtual void on_request(int32_t stream, HttpRequest& request) = 0;
  /// One that cannot be served, and is answered here and now with `status`.
  virtual void on_fault(uint16_t status) = 0;
};

/// Used by one thread. Nothing waits or throws because of what a client sends.
class HttpConversation {
 public:
  HttpConversation() = default;
  virtual ~HttpConversation() = default;
  HttpConversation(const HttpConversation&) = delete;
  HttpConversation& operator=(const HttpConversation&) = delete;

  /// Octets from the client. What take_output() has then is to be sent.
  virtual void receive(std::span<const uint8_t> octets) = 0;

  /// The reply to a request; what it points to is copied. Nothing happens when the client has
  /// given the request up.
  virtual void answer(int32_t stream, const HttpReply& reply) = 0;

  /// Appends what may be sent now, `most` octets or a little more.
  virtual void take_output(std::vector<uint8_t>& out, size_t most) = 0;

  /// No request is taken that has not begun; the client is told.
  virtual void finish() = 0;

  /// A request that has begun and has not come to its end: the oldest one's number; 0: none.
  [[nodiscard]] virtual int32_t incomplete() const = 0;

  /// Gives that one up, as it takes too long.
  virtual void give_up(int32_t stream) = 0;

  /// receive() may be called: there is room for what comes.
  [[nodiscard]] virtual bool takes_input() const = 0;

  /// Requests or replies are under way, or half a request is here.
  [[nodiscard]] virtual bool is_busy() const = 0;

  /// Replies wait for the client to allow more (flow control).
  [[nodiscard]] virtual bool is_held_up() const = 0;

  /// Nothing more is said or heard once the output has left.
  [[nodiscard]] virtual bool is_over() const = 0;

  /// When it is over: the client may still be sending. Who closes before all of that is here takes
  /// from the client what was said (RFC 9112 §9.6); receive() drops it.
  [[nodiscard]] virtual bool lingers() const = 0;

  /// Octets that are kept for what is under way.
  [[nodiscard]] virtual size_t kept() const = 0;
};

/// "Sun, 06 Nov 1994 08:49:37 GMT": when a reply was made (RFC 9110 §6.6.1).
std::string_view http_date();

}  // namespace fairlead::listen
