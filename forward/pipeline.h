// The queries on one connection to which no reply has come (RFC 7766 §6.2.1.1).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/clock.h"
#include "net/random.h"

namespace fairlead::forward {

/// In the order in which they were sent. An upstream may answer in that order only (RFC 7766 §7
/// asks it not to): there one slow question holds up all behind it. Where the protocol tells how
/// many it works on at once, only those beyond wait for others. A query that was given up is still
/// here, as the upstream still works on it. Used by one thread.
class Pipeline {
 public:
  using Time = net::Clock::time_point;
  static constexpr size_t kMost = 1024;

  [[nodiscard]] bool full() const { return sent_.size() >= kMost; }
  [[nodiscard]] bool empty() const { return sent_.empty(); }
  /// Those that somebody waits for.
  [[nodiscard]] size_t waiting() const { return waiting_; }

  /// Returns the id that the query gets: random, and no other's here. Must not be full().
  uint16_t add(uint32_t query, net::Random& random, Time now);

  /// How many the upstream works on at once; 0: it is not known.
  void set_width(size_t width) { width_ = width; }
  [[nodiscard]] size_t width() const { return width_; }

  /// The connection is open only now: nobody has waited for a reply so far.
  void restart(Time now);

  /// A reply with this id has come: whose it is, if somebody waits for it.
  std::optional<uint32_t> answer(uint16_t id, Time now);

  /// Nobody waits for it any more. Returns its id and when it was sent; nothing when it is not
  /// here.
  struct GivenUp {
    uint16_t id = 0;
    Time since;
  };
  std::optional<GivenUp> give_up(uint32_t query);

  /// The upstream has never heard of it.
  void forget(uint16_t id);

  /// True when what is sent now would wait behind others for longer than `usual`, as far as can be
  /// told: as many are here as the upstream works on or, where that is not known, the first has
  /// waited that long or, where replies do overtake each other, none has come for that long.
  [[nodiscard]] bool holds_up(Time now, std::chrono::nanoseconds usual) const;

  /// One that waits behind others and should not: since `usual` if nobody knows how many the
  /// upstream works on.
  [[nodiscard]] std::optional<uint32_t> held_up(Time now, std::chrono::nanoseconds usual) const;

  /// Somebody waits for one that has others in front.
  [[nodiscard]] bool has_behind() const;

  /// The upstream works on one at a time, and that is one that nobody waits for: since when.
  [[nodiscard]] std::optional<Time> blocked_since() const;

  /// All that somebody waits for, and since when the first of them does; at least one must be here.
  [[nodiscard]] std::vector<uint32_t> queries() const;
  [[nodiscard]] Time waiting_since() const;

 private:
  struct Sent {
    uint16_t id;
    bool given_up;
    uint32_t query;
    Time since;
  };

  std::vector<Sent> sent_;
  size_t width_ = 0;
  size_t waiting_ = 0;
  bool overtakes_ = false;  // a reply has come before one that was asked for earlier
  Time last_reply_;
};

}  // namespace fairlead::forward
