// Whether what this server forwards comes back to it. A state machine: the caller has the clock and
// sends the datagrams.
//
//   Starting --answered, at most 2 sightings--> Quiet
//   Starting --30 s without an answer---------> Quiet
//   Starting --3rd sighting-------------------> Looping
//   Looping  --two clean probes in a row------> Quiet
//
// A probe is a HINFO question for a random name, sent to this server's own address. It is one
// sighting itself; a loop brings it back again and again.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "dns/name.h"
#include "dns/query.h"

namespace fairlead::plugins::loop {

// What a query means.
enum class Sighting : uint8_t {
  None,      // no probe: an ordinary query
  Probe,     // the probe: to be forwarded, also while looping, by itself and past the cache
  Repeated,  // the probe once too often: to be refused, so that it does not go round for ever
  Detected,  // as Repeated, and it is news: to be logged with loop_text()
};

// What the sender does next.
struct Action {
  enum class Kind : uint8_t { Send, Wait, Nothing };
  Kind kind = Kind::Nothing;
  std::optional<dns::Name> probe;              // Send: ask HINFO of this name, then call again
  std::chrono::steady_clock::time_point when;  // Wait: call again at this time
  bool ended = false;                          // the loop has just ended: to be logged
};

// Any thread may call any member.
class LoopState {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kStartWindow{30};  // as CoreDNS
  static constexpr std::chrono::seconds kRetry{1};         // after a probe that failed
  static constexpr std::chrono::seconds kTimeout{2};       // for the answer of a probe
  static constexpr std::chrono::seconds kGrace{2};         // for sightings that follow the answer
  static constexpr std::chrono::seconds kRecheck{30};      // between probes while looping
  static constexpr int kMostSightings = 2;                 // more are a loop

  // `zone`: the first one of the block, lower-cased.
  LoopState(const dns::Name& zone, Time start);

  // The sender's. The probe is valid from the moment this returns Send. Nothing: call no more.
  Action next_action(Time now);
  // The probe could not be sent at all.
  void send_failed(Time now);
  // A reply to the probe came, whatever it says. None within kTimeout needs no call.
  void answered(Time now);

  // Of every query of the block, before it is answered. Costs one atomic load for most. Only a
  // HINFO question of class IN for exactly the name of the probe that is under way counts.
  Sighting seen(const dns::Query& query, Time now);

  // While true nothing is forwarded but the probe.
  [[nodiscard]] bool is_looping() const { return looping_.load(std::memory_order_relaxed); }

  // CoreDNS's line for the log, without `plugin/loop: `. `client` and `server` as ADDRESS:PORT.
  [[nodiscard]] std::string loop_text(std::string_view client, std::string_view server) const;

 private:
  struct Probe {
    dns::Name name;
    Time sent;
    Time judged;  // sightings count until then
    bool answered = false;
    int sightings = 0;
  };

  void judge(Time now, Action& action);
  void judge_start(const Probe& probe, Time now);
  bool judge_recheck(const Probe& probe);
  void disarm();

  const dns::Name zone_;
  const Time start_;
  std::atomic<bool> armed_{false};  // a probe is under way
  std::atomic<bool> looping_{false};

  mutable std::mutex mutex_;  // for all below
  std::optional<Probe> probe_;
  std::optional<dns::Name> detected_;  // the probe that found the loop
  bool done_ = false;
  Time next_send_;
  int clean_ = 0;  // probes in a row that did not come back
};

// The line for the log when a loop has ended, without `plugin/loop: `.
std::string ended_text(const dns::Name& zone);

}  // namespace fairlead::plugins::loop
