// When a copy comes to its end: by the SOA of its zone (RFC 1034 §4.3.5), or earlier where its
// server is itself about to lose the zone (RFC 7314).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "dns/expire.h"
#include "net/clock.h"

namespace fairlead::plugins::secondary {

/// What one server was asked, and has said, of how long its zone lasts.
struct Term {
  net::Clock::time_point asked;
  bool with_edns = true;                // the option was sent
  bool heard = false;                   // something came; the asker's to set
  bool edns_is_foreign = false;         // to the server: it wants to be asked without
  bool was_foreign = false;             // it said so before, to the same question
  bool was_silent = false;              // it said nothing before, to the same question
  std::optional<dns::SaidExpire> said;  // with the first message of the reply

  /// Asked now. Whether that is with EDNS stays as it was.
  void begin(net::Clock::time_point now);
  /// The next message of the reply.
  void take(std::span<const uint8_t> message);
  /// It was to be signed, and is not: who cannot read EDNS has not read the signature either. All
  /// else that it says counts for nothing.
  void take_unsigned(std::span<const uint8_t> message);
};

/// When a copy ends that the server has said to be the zone, whose SOA has this `expire`. What is
/// left there counts from the question on, so that a copy of a copy ends no later; a server that
/// does not say it is as good as the zone itself, as of `now`.
net::Clock::time_point end_of(uint32_t expire, const Term& term, net::Clock::time_point now);

inline constexpr std::chrono::seconds kLongestPause{10};  // as long as nothing can be served

/// How long to wait for the next look, `pause` at most: not until the copy has ended, and no longer
/// than kLongestPause when it has. A server that is about to lose the zone may get it back.
std::chrono::nanoseconds pause_before(net::Clock::time_point end, net::Clock::time_point now,
                                      std::chrono::nanoseconds pause);

}  // namespace fairlead::plugins::secondary
