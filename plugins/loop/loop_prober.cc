#include "plugins/loop/loop_prober.h"

#include <sys/socket.h>

#include <array>
#include <chrono>

#include "dns/reader.h"
#include "dns/response.h"
#include "net/connected_socket.h"

namespace fairlead::plugins::loop {

using net::Clock;
using plugins::loop::Action;

LoopProber::LoopProber(asio::io_context& context, net::LogSink& log, const dns::Name& zone,
                       const net::Endpoint& server)
    : log_(log),
      zone_(zone),
      server_(server),
      state_(std::make_shared<plugins::loop::LoopState>(zone, Clock::now())),
      timer_(context),
      socket_(context) {}

void LoopProber::step() {
  const Action action = state_->next_action(Clock::now());
  if (action.ended) log_.write(net::LogLevel::Info, "loop", plugins::loop::ended_text(zone_));
  switch (action.kind) {
    case Action::Kind::Nothing: {
      boost::system::error_code ignored;
      socket_.close(ignored);
      return;
    }
    case Action::Kind::Send:
      send(*action.probe);
      return step();
    case Action::Kind::Wait:
      break;
  }
  timer_.expires_at(action.when);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->step();
  });
}

void LoopProber::send(const dns::Name& probe) {
  std::array<uint8_t, dns::kMaxUpstreamQuery> packet{};
  const dns::Question question{.qname = probe.view(), .qtype = dns::RrType::Hinfo};
  // The name is what nobody can guess; the id need not be.
  const size_t size = dns::write_query(question, 1, false, packet);
  const bool sent =
      open_socket() && ::send(socket_.native_handle(), packet.data(), size, MSG_NOSIGNAL) > 0;
  if (!sent) return state_->send_failed(Clock::now());
  wait_for_reply();
}

bool LoopProber::open_socket() {
  boost::system::error_code error;
  socket_.close(error);
  net::FileDescriptor socket = net::connected_socket(server_, SOCK_DGRAM);
  if (!socket.is_open()) return false;
  socket_.assign(socket.get(), error);
  if (error) return false;
  static_cast<void>(socket.release());
  return true;
}

// A reply says that the probe went all the way, but for SERVFAIL: then nobody there has answered,
// and the one who will may be the one who leads back here.
bool LoopProber::came_back() {
  std::array<uint8_t, dns::kHeaderSize> head{};
  const ssize_t size = ::recv(socket_.native_handle(), head.data(), head.size(), MSG_DONTWAIT);
  boost::system::error_code ignored;
  socket_.close(ignored);
  constexpr uint8_t kRcode = 0x0f;
  return size == static_cast<ssize_t>(head.size()) &&
         static_cast<dns::Rcode>(head[3] & kRcode) != dns::Rcode::ServFail;
}

void LoopProber::wait_for_reply() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [weak = weak_from_this()](const boost::system::error_code& error) {
                       const auto self = weak.lock();
                       if (!self || error || !self->came_back()) return;
                       self->state_->answered(Clock::now());
                       self->timer_.cancel();
                       self->step();
                     });
}

}  // namespace fairlead::plugins::loop
