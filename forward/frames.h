// DNS over TCP and TLS: each message behind its length (RFC 1035 §4.2.2, RFC 7858).
#pragma once

#include <vector>

#include "forward/conversation.h"

namespace fairlead::forward {

class Frames final : public Conversation {
 public:
  /// `listener` outlives it.
  explicit Frames(ConversationListener& listener);

  void ask(uint16_t id, std::span<const uint8_t> message) override;
  bool give_up(uint16_t /*id*/) override { return false; }
  std::span<uint8_t> room() override;
  void received(size_t size) override;
  void take_output(std::vector<uint8_t>& out) override;
  [[nodiscard]] size_t unsent() const override { return out_.size(); }
  [[nodiscard]] size_t width() const override { return 0; }
  [[nodiscard]] bool takes_more() const override { return true; }
  [[nodiscard]] bool has_begun() const override { return received_ > 0; }
  [[nodiscard]] const std::string& error() const override { return no_error_; }

 private:
  ConversationListener& listener_;
  const std::string no_error_;
  std::vector<uint8_t> out_;
  std::vector<uint8_t> in_;  // frames, the first one at 0
  size_t received_ = 0;      // octets in in_
};

}  // namespace fairlead::forward
