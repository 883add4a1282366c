// Replies of many messages, from their steps to the client's connection.
#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "dns/reader.h"
#include "dns/render.h"
#include "net/quietly.h"
#include "query/responder.h"

namespace fairlead::query {

/// One such reply; its connection has it. The walk waits until the connection lets go of it.
class Responder::Sending final : public net::MessageSource {
 public:
  Sending(std::weak_ptr<Responder*> owner, Walk& walk) : owner_(std::move(owner)), walk_(walk) {}
  ~Sending() override {
    const auto owner = owner_.lock();
    if (owner == nullptr) return;
    net::quietly([&] { (*owner)->report(walk_, reply_); });
    net::quietly([&] { (*owner)->waiting_.release(walk_); });
  }
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

  std::optional<size_t> next_message(std::span<uint8_t> out) override {
    const auto owner = owner_.lock();
    if (owner == nullptr) return std::nullopt;
    try {
      return write_next(out);
    } catch (const std::exception&) {
      (*owner)->packets_.panics.add();
      return std::nullopt;
    }
  }

 private:
  size_t write_next(std::span<uint8_t> out) {
    next_.clear();
    if (!walk_.messages_->next(next_)) return 0;
    std::swap(walk_.answer(), next_);
    size_t size = dns::render(walk_.received(), walk_.answer(), out);
    if (walk_.sealer_ != nullptr) size = walk_.sealer_->seal(walk_, out, size);
    std::copy_n(out.begin(), head_.size(), head_.begin());
    reply_.octets = head_;
    reply_.size += size;
    reply_.rcode = walk_.answer().rcode;
    return size;
  }

  const std::weak_ptr<Responder*> owner_;
  Walk& walk_;
  dns::Answer next_;
  std::array<uint8_t, dns::kHeaderSize> head_{};
  Reply reply_{.many = true};
};

void Responder::send_many(Walk& walk) {
  walk.late_->send_many(walk.peers(), std::make_shared<Sending>(self_, walk));
}

}  // namespace fairlead::query
