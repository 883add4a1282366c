// HTTP/2 (RFC 9113): many requests at once, each a stream.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "listen/http.h"

namespace fairlead::listen {

class Http2 final : public HttpConversation {
 public:
  /// What a client begins with (RFC 9113 §3.4) is in its first octets. `server` outlives it.
  Http2(HttpServer& server, uint32_t max_streams);
  ~Http2() override;

  void receive(std::span<const uint8_t> octets) override;
  void answer(int32_t stream, const HttpReply& reply) override;
  void take_output(std::vector<uint8_t>& out, size_t most) override;
  void finish() override;
  [[nodiscard]] int32_t incomplete() const override;
  void give_up(int32_t stream) override;
  [[nodiscard]] bool takes_input() const override { return !failed_; }
  [[nodiscard]] bool is_busy() const override { return !streams_.empty(); }
  [[nodiscard]] bool is_held_up() const override { return unsaid_ != 0; }
  [[nodiscard]] bool is_over() const override;
  [[nodiscard]] bool lingers() const override { return !failed_; }
  [[nodiscard]] size_t kept() const override { return kept_; }

 private:
  struct Stream;
  struct Callbacks;  // what nghttp2 calls
  struct Free {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  Stream* find(int32_t id);
  void count(Stream& stream);
  void begin(int32_t id);
  void add_header(Stream& stream, std::string_view name, std::string_view value);
  void header_ended(int32_t id, Stream& stream);
  void add_body(int32_t id, Stream& stream, std::span<const uint8_t> octets);
  void ended(int32_t id, Stream& stream);
  void fault(int32_t id, Stream& stream, uint16_t status, std::string_view text);
  void answer(int32_t id, Stream& stream, const HttpReply& reply);
  void has_been_said(Stream& stream);
  void forget(int32_t id);

  HttpServer& server_;
  std::unique_ptr<nghttp2_session, Free> session_;
  std::map<int32_t, std::unique_ptr<Stream>> streams_;
  std::set<int32_t> incomplete_;  // among them
  size_t unsaid_ = 0;             // replies that have not left whole
  size_t kept_ = 0;
  bool failed_ = false;
};

}  // namespace fairlead::listen
