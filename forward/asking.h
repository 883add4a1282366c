// One worker's questions to upstreams: which attempt is made when, and which reply is the outcome.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "forward/exchange.h"
#include "forward/forwarder.h"
#include "forward/links.h"
#include "forward/stream.h"
#include "forward/timer_wheel.h"
#include "forward/udp_sockets.h"
#include "net/asio.h"
#include "net/random.h"

namespace fairlead::forward {

/// Behind Forwarder. Askers are told from the event loop's callbacks only: with an answer at once,
/// with a failure by a posted call, so that a failing attempt never runs another asker's code in
/// the middle of ask().
class Asking final : public std::enable_shared_from_this<Asking>,
                     public UdpUser,
                     public StreamUser {
 public:
  Asking(asio::io_context& context, size_t worker);
  ~Asking();
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  void start();
  void stop();  // nobody is told anything any more

  struct Call {
    const dns::Question& question;
    dns::Transport client;
    size_t client_size;
    Asker& asker;
  };
  void ask(const std::shared_ptr<Group>& group, const Call& call);

  [[nodiscard]] size_t in_flight() const { return asked_; }

 private:
  using Time = Timer::Clock::time_point;
  enum class TimerKind : uint8_t { Question, Probe, Retire, Sweep };

  // asking.cc: the life of a question.
  Links& links_of(const std::shared_ptr<Group>& group);
  void refuse(Asker& asker, Links* links, std::string_view why);
  void proceed(Exchange& exchange, Time now);
  [[nodiscard]] bool may_launch(const Exchange& exchange, Time now) const;
  void launch(Exchange& exchange, Time now);
  void on_question_timer(Exchange& exchange, Time now);
  void answer(Exchange& exchange, dns::Answer& answer);
  void finish_later(Exchange& exchange);
  void end(Exchange& exchange, Time now);
  void post_ready();
  void tell_ready();

  // attempts.cc: one query to one upstream.
  void start_attempt(Attempt& attempt, Link& link, Time now);
  void send_udp(Attempt& attempt, Time now);
  void send_stream(Attempt& attempt, Time now);
  void drop_attempt(Attempt& attempt, Time now);
  void attempt_failed(Attempt& attempt, std::string_view error, Time now);
  void attempt_expired(Attempt& attempt, Time now);
  void note_late(Exchange& exchange, Time now);
  static std::string timeout_text(const Attempt& attempt);
  void tell_asked(const Attempt& attempt, std::span<const uint8_t> query) const;
  void tell_stream_asked(const Attempt& attempt, uint16_t id) const;
  void tell_answered(const Attempt& attempt, std::span<const uint8_t> reply) const;

  // replies.cc: what comes back.
  void on_datagram(Attempt& attempt, uint16_t id, const Datagram& datagram) override;
  void on_late(UdpPeer& peer) override;
  void on_stray(UdpPeer& peer, const Datagram& datagram) override;
  void on_udp_error(Attempt& attempt, const UdpError& error) override;
  void on_message(uint32_t token, std::span<const uint8_t> message) override;
  void on_stream_error(uint32_t token, std::string_view text) override;
  void on_sent(uint32_t token) override;
  void note_reply(Attempt& attempt, Time now);
  void settle(Attempt& attempt, const dns::Response& response, Time now);
  bool asks_without_edns(Attempt& attempt, const dns::Response& response, Time now);
  bool asks_over_tcp(Attempt& attempt, const dns::Response& response, Time now);
  bool fails_over(Attempt& attempt, Time now);
  void keep(Exchange& exchange);
  void keep_nothing_but_tc(Exchange& exchange);

  // probes.cc: is an upstream up again?
  void start_probe(Link& link, Time now);
  void find_probers(Links& links, Time now);
  void send_probe(Exchange& probe, Time now);
  void on_probe_timer(Exchange& probe, Time now);
  void probe_failed(Exchange& probe, std::string_view error, Time now);
  void end_probe(Exchange& probe, bool answered, Time now);

  // timers.cc
  void set_timer(Timer& timer, TimerKind kind, Time due);
  void arm();
  void on_timer();
  void run(Timer& timer, Time now);
  void sweep(Time now);
  void forget(Links& links, Time now);

  asio::io_context& context_;
  const size_t worker_;
  net::Random random_;
  std::shared_ptr<UdpSockets> udp_;
  ExchangeTable table_;
  std::vector<std::unique_ptr<Links>> links_;
  size_t asked_ = 0;  // questions whose askers have not been told
  bool stopped_ = false;

  TimerWheel wheel_;
  net::Timer timer_;
  Time armed_ = Time::max();
  Timer sweep_;

  // To be told by the posted call.
  struct Refusal {
    Asker* asker;
    Links* links;  // kept by it until it is told; may be null
    std::string_view why;
  };
  Exchange* ready_ = nullptr;
  Exchange** ready_end_ = &ready_;
  std::vector<Refusal> refusals_, telling_;
  bool posted_ = false;

  dns::Answer answer_;  // what was read last
};

}  // namespace fairlead::forward
