#include "forward/frames.h"

#include <cstring>

namespace fairlead::forward {
namespace {

constexpr size_t kLengthSize = 2;
constexpr size_t kReadSize = size_t{8} * 1024;

}  // namespace

Frames::Frames(ConversationListener& listener) : listener_(listener), in_(kReadSize) {}

void Frames::ask(uint16_t id, std::span<const uint8_t> message) {
  out_.push_back(static_cast<uint8_t>(message.size() >> 8));
  out_.push_back(static_cast<uint8_t>(message.size()));
  out_.push_back(static_cast<uint8_t>(id >> 8));
  out_.push_back(static_cast<uint8_t>(id));
  out_.insert(out_.end(), message.begin() + 2, message.end());
}

std::span<uint8_t> Frames::room() {
  return {in_.data() + received_, in_.size() - received_};
}

// Afterwards in_ has room for more of the first message that is not whole.
void Frames::received(size_t size) {
  received_ += size;
  size_t at = 0;
  size_t needed = kLengthSize;
  while (received_ - at >= kLengthSize) {
    const size_t length = static_cast<size_t>(in_[at]) << 8 | in_[at + 1];
    needed = kLengthSize + length;
    if (received_ - at < needed) break;
    const std::span<uint8_t> message{in_.data() + at + kLengthSize, length};
    if (length >= 2) {
      listener_.on_reply(static_cast<uint16_t>(message[0] << 8 | message[1]), message);
    }
    at += needed;
    needed = kLengthSize;
  }
  received_ -= at;
  std::memmove(in_.data(), in_.data() + at, received_);
  if (needed > in_.size()) in_.resize(needed);
}

void Frames::take_output(std::vector<uint8_t>& out) {
  if (out.empty()) {
    std::swap(out, out_);
  } else {
    out.insert(out.end(), out_.begin(), out_.end());
  }
  out_.clear();
}

}  // namespace fairlead::forward
