// A conversation with an upstream whose other end the test plays.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forward/conversation.h"

namespace fairlead::forward {

/// What a conversation told.
struct Heard final : ConversationListener {
  std::map<uint16_t, std::vector<uint8_t>> replies;
  std::map<uint16_t, std::string> failures;
  std::set<uint16_t> untouched;
  std::function<void()> also;  // called after each

  void on_reply(uint16_t id, std::span<uint8_t> message) override {
    replies[id] = {message.begin(), message.end()};
    if (also) also();
  }
  void on_failure(uint16_t id, std::string_view text, bool is_untouched) override {
    failures[id] = text;
    if (is_untouched) untouched.insert(id);
    if (also) also();
  }
};

/// Gives `octets` to a conversation, `piece` at a time.
inline void give(Conversation& conversation, std::span<const uint8_t> octets,
                 size_t piece = SIZE_MAX) {
  while (!octets.empty()) {
    const std::span<uint8_t> room = conversation.room();
    const size_t size = std::min({piece, room.size(), octets.size()});
    std::copy_n(octets.begin(), size, room.begin());
    octets = octets.subspan(size);
    conversation.received(size);
  }
}

/// What it has to say.
inline std::vector<uint8_t> said_by(Conversation& conversation) {
  std::vector<uint8_t> out;
  conversation.take_output(out);
  return out;
}

/// A message with id 0 whose other octets tell `mark`.
inline std::vector<uint8_t> dns_message(uint8_t mark, size_t size = 20) {
  std::vector<uint8_t> out(size, mark);
  out[0] = out[1] = 0;
  return out;
}

}  // namespace fairlead::forward
