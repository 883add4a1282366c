// One question under way, and the attempts to get it answered.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/response.h"
#include "forward/forwarder.h"
#include "forward/links.h"
#include "forward/policy.h"
#include "forward/timer_wheel.h"

namespace fairlead::forward {

struct Exchange;

/// One query to one upstream.
struct Attempt {
  enum class State : uint8_t { None, Udp, Stream };

  [[nodiscard]] bool alive() const { return state != State::None; }

  Exchange* exchange = nullptr;  // constant
  State state = State::None;
  bool edns = false;
  bool without_edns = false;  // asked again because the upstream seemed not to know EDNS
  bool edns_silent = false;   // asked again without, as nothing has come to a query with OPT
  bool unreadable = false;    // a reply came, but could not be read
  bool late = false;          // counted as a loss already
  Link* link = nullptr;
  Timer::Clock::time_point started;
  Timer::Clock::time_point expires;
  UdpSocket* socket = nullptr;  // with State::Udp
  size_t slot = 0;              // of the socket, or the place in the StreamPool
};

/// Pooled: lives as long as its table.
struct Exchange {
  static constexpr size_t kAttempts = 3;  // under way at once

  Timer timer;
  uint32_t index = 0;       // in the table; constant
  uint16_t generation = 0;  // raised when it is freed, so that old tokens name nobody
  Exchange* next = nullptr;

  Links* links = nullptr;
  Asker* asker = nullptr;  // null for a health probe
  dns::Question question;  // its qname lies in `qname`, its options in `options`
  std::array<uint8_t, dns::kMaxNameSize> qname;
  std::vector<uint8_t> options;
  dns::Transport client = dns::Transport::Udp;
  size_t client_size = 0;
  Timer::Clock::time_point deadline;
  Timer::Clock::time_point launch_at;  // of the next attempt
  Asked asked;
  uint32_t with_edns = 0;  // a bit for each upstream that was asked with OPT last, and is silent
  uint32_t launched = 0;
  uint32_t failed = 0;
  bool all_down = false;
  bool exhausted = false;  // no more attempts are to be made
  bool waiting = false;    // a health probe between two queries
  std::array<Attempt, kAttempts> attempts;
  std::unique_ptr<dns::Answer> kept;   // the outcome if nothing better comes
  std::string error;                   // the last
  const Upstream* upstream = nullptr;  // that `kept` is of, else that was asked last

  [[nodiscard]] size_t alive() const {
    return static_cast<size_t>(
        std::ranges::count_if(attempts, [](const Attempt& a) { return a.alive(); }));
  }
};

/// All exchanges of one worker: made in blocks when needed, kept for reuse.
class ExchangeTable {
 public:
  static constexpr size_t kCapacity = 16384;

  /// Null when kCapacity are taken. The exchange has its defaults, but for index and generation.
  Exchange* take();
  void give_back(Exchange& exchange);

  [[nodiscard]] size_t taken() const { return taken_; }

  /// Names an attempt to a StreamPool, and finds it again; null when that exchange has ended.
  static uint32_t token(const Attempt& attempt);
  Attempt* find(uint32_t token);

 private:
  static constexpr size_t kBlock = 64;
  using Block = std::array<Exchange, kBlock>;

  void grow();

  std::vector<std::unique_ptr<Block>> blocks_;
  Exchange* free_ = nullptr;
  size_t taken_ = 0;
};

}  // namespace fairlead::forward
