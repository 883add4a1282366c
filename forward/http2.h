// HTTP/2 as a client of DNS over HTTPS (RFC 9113): many questions at once, each a stream.
#pragma once

#include <nghttp2/nghttp2.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "forward/doh.h"

namespace fairlead::forward {

/// A question that the upstream refuses, or has not looked at when it ends the connection (GOAWAY),
/// is untouched. Kept are 64 KiB of one reply, and 1 MiB of all of them.
class Http2 final : public DohConversation {
 public:
  Http2(DohUpstream& upstream, ConversationListener& listener);
  ~Http2() override;

  void received(size_t size) override;
  [[nodiscard]] size_t width() const override { return width_; }
  [[nodiscard]] bool takes_more() const override;
  [[nodiscard]] bool has_begun() const override { return false; }  // HTTP/2 says what it ends

 private:
  struct Stream;
  struct Callbacks;  // what nghttp2 calls
  struct Free {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  void start(Question question) override;
  [[nodiscard]] size_t under_way() const override { return streams_.size(); }
  void say() override;

  void add_header(Stream& stream, std::string_view name, std::string_view value);
  void add_body(Stream& stream, std::span<const uint8_t> octets);
  void header_ended(Stream& stream);
  void whole(Stream& stream);
  void closed(Stream& stream, uint32_t code);
  void learn_width();
  void fail(Stream& stream, std::string_view text, bool untouched = false);
  void finish(Stream& stream);

  std::unique_ptr<nghttp2_session, Free> session_;
  std::map<int32_t, std::unique_ptr<Stream>> streams_;
  size_t width_;
  size_t kept_ = 0;         // octets of bodies
  std::string farewell_;    // what the upstream said when it left, or did wrong
  bool receiving_ = false;  // nghttp2 is on the stack, and is not to be called for output
};

}  // namespace fairlead::forward
