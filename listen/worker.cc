#include "listen/worker.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "listen/udp_batch.h"
#include "net/signals.h"

namespace fairlead::listen {

Worker::Worker(size_t number, const TcpOptions& tcp)
    : number_(number),
      work_(asio::make_work_guard(context_)),
      batch_(std::make_unique<UdpBatch>()),
      tcp_(context_, tcp, counters_.tcp, responder_),
      stop_timer_(context_) {}

Worker::~Worker() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void Worker::start() {
  const net::SignalsBlocked blocked;
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), ("worker-" + std::to_string(number_)).c_str());
    run();
  });
}

// Memory that runs out for one event costs that event.
void Worker::run() {
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception&) {
      responder_->note_failure();
    }
  }
}

void Worker::post(std::function<void()> call) {
  asio::post(context_, std::move(call));
}

void Worker::set_responder(std::unique_ptr<net::Responder> responder) {
  responder_ = std::move(responder);
}

void Worker::adopt(uint32_t listener, WorkerSockets sockets) {
  asio::post(context_, [this, listener, sockets = std::move(sockets)]() mutable {
    if (sockets.tcp.is_open()) tcp_.listen(listener, std::move(sockets.tcp));
    if (!sockets.udp.is_open()) return;
    const UdpSocket::Worker lent{context_, *batch_, counters_.udp, responder_};
    const auto udp = std::make_shared<UdpSocket>(lent, std::move(sockets.udp), sockets.local,
                                                 sockets.per_packet_address, listener);
    udp->count_drops(std::move(sockets.drops));
    udp_.emplace(listener, udp);
    udp->start();
  });
}

void Worker::set_tcp(uint32_t listener, const TcpSettings& settings) {
  asio::post(context_, [this, listener, settings] { tcp_.set(listener, settings); });
}

void Worker::remove(uint32_t listener, std::function<void()> done) {
  asio::post(context_, [this, listener, done = std::move(done)] {
    close_listener(listener);
    if (done) done();
  });
}

void Worker::close_listener(uint32_t listener) {
  const auto [begin, end] = udp_.equal_range(listener);
  for (auto it = begin; it != end; ++it) it->second->drain();
  udp_.erase(begin, end);
  tcp_.close(listener);
}

void Worker::stop(std::chrono::milliseconds grace) {
  asio::post(context_, [this, grace] { finish(grace); });
}

void Worker::finish(std::chrono::milliseconds grace) {
  for (auto& [listener, udp] : udp_) udp->drain();
  udp_.clear();
  tcp_.close_all();
  stop_at_ = std::chrono::steady_clock::now() + grace;
  end_when_idle();
}

/// Looks now and then instead of being told: stopping is rare and its last moment not urgent.
void Worker::end_when_idle() {
  constexpr std::chrono::milliseconds kLook{10};
  const auto now = std::chrono::steady_clock::now();
  const bool idle = tcp_.connections() == 0 && responder_->replies_to_follow() == 0;
  if (idle || now >= stop_at_) {
    tcp_.abort();
    // Behind what is queued already: replies that were collected still leave.
    asio::post(context_, [this] { context_.stop(); });
    return;
  }
  stop_timer_.expires_at(std::min(stop_at_, now + kLook));
  stop_timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) end_when_idle();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace fairlead::listen
