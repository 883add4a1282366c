// HTTP/1.1 and 1.0 (RFC 9112): one request after another.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "listen/http.h"

namespace fairlead::listen {

class Http1 final : public HttpConversation {
 public:
  /// `server` outlives it.
  explicit Http1(HttpServer& server);
  ~Http1() override;

  void receive(std::span<const uint8_t> octets) override;
  void answer(int32_t stream, const HttpReply& reply) override;
  void take_output(std::vector<uint8_t>& out, size_t most) override;
  void finish() override;
  [[nodiscard]] int32_t incomplete() const override;
  void give_up(int32_t stream) override;
  [[nodiscard]] bool takes_input() const override { return !asked_; }
  [[nodiscard]] bool is_busy() const override;
  [[nodiscard]] bool is_held_up() const override { return false; }
  [[nodiscard]] bool is_over() const override { return last_said_ && output_.empty(); }
  [[nodiscard]] bool lingers() const override { return has_fault_; }
  [[nodiscard]] size_t kept() const override;

 private:
  struct Parser;

  void go_on();
  bool parse();
  void on_header();
  void on_whole();
  void fault(uint16_t status, std::string_view text);
  void write(const HttpReply& reply);

  HttpServer& server_;
  std::unique_ptr<Parser> parser_;  // null between requests
  std::vector<uint8_t> input_;      // not parsed yet
  std::vector<uint8_t> output_;
  int32_t number_ = 0;  // of the request that is read or answered
  unsigned version_ = 11;
  bool keep_alive_ = true;
  bool asked_ = false;      // a request waits for its reply
  bool going_on_ = false;   // go_on() runs
  bool finishing_ = false;  // the next reply is the last one
  bool last_said_ = false;
  bool has_fault_ = false;
};

}  // namespace fairlead::listen
