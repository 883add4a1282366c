// The weights of addresses, and how they decide which comes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dns/address.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "net/prng.h"

namespace fairlead::plugins::loadbalance {

/// Immutable once it is read: any thread.
class Weights {
 public:
  /// What `file` means when it holds `text`: names on lines of their own, each above lines of an
  /// address and its weight, 1 to 255. The first weight of an address holds. `error` is why it
  /// means nothing, in CoreDNS's words; else empty.
  static Weights from_text(std::string_view text, const std::string& file, std::string& error);

  /// 1 unless the file says otherwise. Letter case does not matter.
  [[nodiscard]] uint8_t weight(dns::NameView owner, const dns::IpAddress& address) const;

  [[nodiscard]] size_t size() const { return names_.size(); }

 private:
  class Reader;
  using OfName = std::vector<std::pair<dns::IpAddress, uint8_t>>;
  std::map<std::string, OfName, std::less<>> names_;  // by lower-cased wire form
};

/// Of the addresses of the answer and of the additional section one each is drawn, with a chance
/// that is its weight's share, and changes places with the first. CNAME records come before
/// everything else where there are addresses. Any rcode but NOERROR is left alone. `qname` is what
/// kQname stands for. No allocation.
void put_drawn_first(dns::Answer& answer, dns::NameView qname, const Weights& weights,
                     net::Prng& random);

}  // namespace fairlead::plugins::loadbalance
