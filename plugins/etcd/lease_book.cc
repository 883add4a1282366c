#include "plugins/etcd/lease_book.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "plugins/etcd/gateway_messages.h"

namespace fairlead::plugins::etcd {
namespace {

constexpr size_t kMostAnswer = 65'536;
constexpr std::chrono::seconds kSoonest{5}, kLatest{600}, kAfterFailure{30};

}  // namespace

LeaseBook::LeaseBook(asio::io_context& io, Gateway& gateway, Heard heard)
    : gateway_(gateway), heard_(std::move(heard)), timer_(io) {}

std::shared_ptr<const Lease> LeaseBook::lease(int64_t id) {
  std::weak_ptr<Lease>& known = known_[id];
  std::shared_ptr<Lease> lease = known.lock();
  if (lease != nullptr) return lease;
  lease = std::make_shared<Lease>(id);
  known = lease;
  due_.emplace(net::Clock::now(), lease);
  if (running_ && asked_ == nullptr) ask_next();
  return lease;
}

void LeaseBook::start() {
  running_ = true;
  if (asked_ == nullptr) ask_next();
}

void LeaseBook::stop() {
  running_ = false;
  timer_.cancel();
  exchange_.reset();
  if (asked_ != nullptr) due_.emplace(net::Clock::now(), std::exchange(asked_, nullptr));
}

// Leases that no key has any more are forgotten when their turn comes.
void LeaseBook::ask_next() {
  while (running_ && !due_.empty()) {
    const auto first = due_.begin();
    const std::shared_ptr<Lease> lease = first->second.lock();
    if (lease != nullptr && first->first > net::Clock::now()) break;
    due_.erase(first);
    if (lease != nullptr) return ask(lease);
    std::erase_if(known_, [](const auto& one) { return one.second.expired(); });
    std::erase_if(due_, [](const auto& one) { return one.second.expired(); });
  }
  if (!running_ || due_.empty()) return;
  timer_.expires_at(due_.begin()->first);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && running_ && asked_ == nullptr) ask_next();
  });
}

void LeaseBook::ask(const std::shared_ptr<Lease>& lease) try {
  asked_ = lease;
  reply_.expect(kMostAnswer, [this] { answered(); });
  exchange_ = gateway_.post("/v3/lease/timetolive", lease_request(lease->id()), {}, reply_);
} catch (const std::runtime_error&) {
  // The mirror makes the same request for keys, and tells of it.
  ask_again(std::exchange(asked_, nullptr), kAfterFailure);
}

void LeaseBook::answered() {
  exchange_.reset();
  heard_(reply_.code());
  const std::shared_ptr<Lease> lease = std::exchange(asked_, nullptr);
  const auto seconds = reply_.good() ? read_lease_ttl(reply_.text()) : std::nullopt;
  if (!seconds) {
    ask_again(lease, kAfterFailure);
  } else {
    lease->set(net::now_ns(), *seconds);
    const int64_t half = *seconds / 2;
    ask_again(lease,
              std::chrono::seconds(std::clamp<int64_t>(half, kSoonest.count(), kLatest.count())));
  }
  ask_next();
}

void LeaseBook::ask_again(const std::shared_ptr<Lease>& lease, std::chrono::seconds pause) {
  due_.emplace(net::Clock::now() + pause, lease);
}

}  // namespace fairlead::plugins::etcd
