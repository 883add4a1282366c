// The server's end of HTTP/2 without its socket, for the tests of DNS over HTTPS.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::forward {

using Octets = std::vector<uint8_t>;

class Http2Server {
 public:
  struct Request {
    int32_t stream = 0;
    std::map<std::string, std::string> fields;
    Octets body;
  };
  struct Reply {
    unsigned status = 200;
    std::string type = "application/dns-message";
    Octets body{};
    bool whole = true;  // false: the body goes on, and never comes to its end
    std::vector<std::pair<std::string, std::string>> more{};  // fields
  };

  explicit Http2Server(const std::vector<nghttp2_settings_entry>& settings = {});
  ~Http2Server() { nghttp2_session_del(session_); }
  Http2Server(const Http2Server&) = delete;
  Http2Server& operator=(const Http2Server&) = delete;

  void receive(std::span<const uint8_t> octets) {
    nghttp2_session_mem_recv(session_, octets.data(), octets.size());
  }
  Octets output();

  /// Whole requests that have come since it was asked last.
  std::vector<Request> take_requests() { return std::exchange(requests_, {}); }

  void reply(int32_t stream, const Reply& reply);
  /// A reply before the final one.
  void early(int32_t stream, unsigned status);
  void reset(int32_t stream, uint32_t code) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, code);
  }
  void go_away(int32_t last) {
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
  }
  /// GOAWAY, and nothing more is said.
  void hang_up() { nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR); }

  [[nodiscard]] bool is_over() const {
    return nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
  }

  std::map<int32_t, uint32_t> closed;  // streams, with the code of their end

 private:
  struct Callbacks;
  struct Body {
    Octets octets;
    size_t sent = 0;
    bool whole = true;
  };

  nghttp2_session* session_ = nullptr;
  std::map<int32_t, Request> begun_;
  std::vector<Request> requests_;
  std::map<int32_t, Body> bodies_;
};

}  // namespace fairlead::forward
