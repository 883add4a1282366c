#include "listen/handshakes.h"

#include <utility>

namespace fairlead::listen {

Handshakes::Place::Place(Handshakes& handshakes, const dns::IpAddress& client)
    : handshakes_(handshakes), client_(handshakes.per_client_.try_emplace(client).first) {
  ++client_->second;
  ++handshakes_.under_way_;
}

Handshakes::Place::~Place() {
  --handshakes_.under_way_;
  if (--client_->second == 0) handshakes_.per_client_.erase(client_);
}

Handshakes::Handshakes(asio::io_context& context, const TcpOptions& limits)
    : context_(context), most_(limits.handshakes), most_per_client_(limits.handshakes_per_client) {}

// Those that were closed while they waited still stand in the queue.
bool Handshakes::has_room(const dns::IpAddress& client) const {
  if (under_way_ >= most_ || waiting_.size() >= most_) return false;
  const auto known = per_client_.find(client);
  return known == per_client_.end() || known->second < most_per_client_;
}

void Handshakes::take_turn(std::function<void()> step) {
  waiting_.push_back(std::move(step));
  schedule();
}

/// Behind everything that is ready now: sockets are looked at between two turns.
void Handshakes::schedule() {
  if (scheduled_) return;
  asio::post(context_, [this] { turn(); });
  scheduled_ = true;
}

void Handshakes::turn() {
  scheduled_ = false;
  const auto end = std::chrono::steady_clock::now() + kTurn;
  while (!waiting_.empty()) {
    const auto step = std::move(waiting_.front());
    waiting_.pop_front();
    if (!waiting_.empty()) schedule();  // before it: a step that throws holds up nobody
    step();
    if (std::chrono::steady_clock::now() >= end) return;
  }
}

}  // namespace fairlead::listen
