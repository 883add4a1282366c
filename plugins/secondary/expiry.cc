#include "plugins/secondary/expiry.h"

#include <algorithm>
#include <chrono>

#include "dns/reader.h"
#include "dns/types.h"

namespace fairlead::plugins::secondary {

using std::chrono::seconds;

void Term::begin(net::Clock::time_point now) {
  asked = now;
  heard = false;
  edns_is_foreign = false;
  said.reset();
}

// Who does not know EDNS says FORMERR, or NOTIMP, without an OPT record (RFC 6891 §7); others may
// say FORMERR to an option. NOTIMP with one is said of IXFR.
void Term::take(std::span<const uint8_t> message) {
  if (said || message.size() < dns::kHeaderSize) return;
  said = dns::read_expire(message);
  const auto rcode = static_cast<dns::Rcode>(message[3] & 0x0f);
  edns_is_foreign = with_edns && (rcode == dns::Rcode::FormErr ||
                                  (rcode == dns::Rcode::NotImp && !said->has_edns));
}

void Term::take_unsigned(std::span<const uint8_t> message) {
  if (said) return;
  take(message);
  said.reset();
}

net::Clock::time_point end_of(uint32_t expire, const Term& term, net::Clock::time_point now) {
  const auto left = term.said ? term.said->left : std::nullopt;
  const seconds whole(std::max<uint32_t>(expire, 1));
  if (!left) return now + whole;
  return term.asked + (*left < expire ? seconds(*left) : whole);
}

std::chrono::nanoseconds pause_before(net::Clock::time_point end, net::Clock::time_point now,
                                      std::chrono::nanoseconds pause) {
  const std::chrono::nanoseconds left = end - now;
  if (left > pause) return pause;
  const std::chrono::nanoseconds sooner =
      left.count() <= 0 ? kLongestPause : std::max<std::chrono::nanoseconds>(left / 2, seconds(1));
  return std::min(pause, sooner);
}

}  // namespace fairlead::plugins::secondary
