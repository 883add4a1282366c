// One upstream as all workers share it: is it up, how fast is it, what became of its questions.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/response.h"
#include "dns/types.h"
#include "forward/group.h"
#include "forward/outage.h"
#include "net/clock.h"
#include "net/counter.h"

namespace fairlead::forward {

using Clock = net::Clock;
using std::chrono::nanoseconds;

/// Any thread, but each slot's counters are raised by one worker only. Health and speed are relaxed
/// atomics: workers that write at once lose an update, which only makes an average a little older.
class Upstream {
 public:
  Upstream(UpstreamSettings settings, uint32_t max_fails, size_t workers,
           HealthListener listener = {});
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  [[nodiscard]] const UpstreamSettings& settings() const { return settings_; }
  [[nodiscard]] const std::string& to() const { return to_; }  // "10.0.0.2:53"

  /// More than max_fails failures in a row: not asked while another one is up.
  [[nodiscard]] bool down() const;

  /// A health probe goes unanswered at this moment: asked only when there is nobody better. Known
  /// much earlier than `down`, which takes max_fails probes.
  [[nodiscard]] bool suspect() const { return suspect_.load(std::memory_order_relaxed); }
  void set_suspect(bool suspect);

  /// A failure counts only when nothing at all came since `since`: a name that takes its resolver
  /// too long says nothing about the upstream. `why` is told when that makes it down.
  struct Failure {
    Clock::time_point since, now;
    std::string_view why;
  };
  void note_failure(const Failure& failure);
  void note_reply(Clock::time_point now);

  /// True when the caller is to probe now, as nobody else does. Ended by stop_probing().
  bool start_probing() {
    return !probing_.load(std::memory_order_relaxed) && !probing_.exchange(true);
  }
  [[nodiscard]] bool probed() const { return probing_.load(std::memory_order_relaxed); }
  void stop_probing() { probing_.store(false); }

  /// Speed. A sample is the time from question to reply; a loss is a question that had to be asked
  /// elsewhere.
  void note_latency(size_t worker, nanoseconds sample);
  void note_loss();
  void forgive_loss();  // a probe was answered
  [[nodiscard]] nanoseconds latency() const;
  /// Latency with the losses priced in, for ranking; zero when nothing is known yet.
  [[nodiscard]] nanoseconds cost() const;
  /// How long to wait for a reply before another upstream is asked as well: 50 to 400 ms.
  [[nodiscard]] nanoseconds patience() const;

  /// An upstream that cannot take EDNS is asked without it for a while.
  [[nodiscard]] bool without_edns(Clock::time_point now) const;
  void set_without_edns(Clock::time_point now);
  /// It answered a query that has an OPT record.
  void note_edns_reply(Clock::time_point now);
  /// It answered one without, and said nothing to the same question with one. Counts only when no
  /// such query was answered lately, and the first time for a few seconds only: a datagram may have
  /// been lost.
  void note_edns_silence(Clock::time_point now);
  /// Nothing is known that speaks against its dropping queries that have an OPT record.
  [[nodiscard]] bool may_drop_edns(Clock::time_point now) const;

  /// Counters of one worker.
  void count_reply(size_t worker, dns::Rcode rcode, nanoseconds duration);
  void count_ignored(size_t worker, dns::ResponseFault fault);
  void count_connection(size_t worker, Proto proto, bool reused);
  void count_retry(size_t worker) { slots_[worker].retries.add(); }
  void count_failed_probe(size_t worker) { slots_[worker].failed_probes.add(); }

  [[nodiscard]] UpstreamTotals totals() const;

 private:
  static constexpr size_t kRcodes = 25;  // those up to 23 (BADCOOKIE); what is above counts as 24

  struct Durations {
    std::array<net::Counter, UpstreamTotals::kDurationBuckets> count;
    net::Counter nanoseconds;
  };

  struct alignas(64) Slot {
    std::array<std::atomic<Durations*>, kRcodes> durations{};  // owned; made when first needed
    std::array<net::Counter, dns::kResponseFaults> ignored;
    std::array<net::Counter, kProtos> hits, misses;
    net::Counter retries, failed_probes, samples;
  };

  // Constant after construction.
  const UpstreamSettings settings_;
  const uint32_t max_fails_;
  const std::string to_;

  std::vector<Slot> slots_;
  Outage outage_;

  alignas(64) std::atomic<uint32_t> fails_{0};
  std::atomic<bool> suspect_{false};
  std::atomic<bool> probing_{false};
  std::atomic<int64_t> last_reply_{INT64_MIN};      // Clock nanoseconds, coarse
  std::atomic<int64_t> without_edns_{INT64_MIN};    // until then
  std::atomic<int64_t> edns_reply_{INT64_MIN};      // the last, coarse
  std::atomic<bool> edns_silence_{false};           // noted since then
  std::atomic<int64_t> latency_{0}, deviation_{0};  // nanoseconds
  std::atomic<int64_t> loss_{0};                    // 0 … kAllLost
};

}  // namespace fairlead::forward
