// What dns64 makes of addresses and names (RFC 6147), without anything of a server.
#pragma once

#include <cstdint>
#include <optional>

#include "dns/address.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "plugins/dns64/setup.h"

namespace fairlead::plugins::dns64 {

/// For how long a made up record holds when nobody says otherwise (RFC 6147 §5.1.7), in seconds.
inline constexpr uint32_t kTtl = 600;

/// Constant: any thread.
class Synthesis {
 public:
  /// IPv6 addresses that are none, ::ffff:0:0/96, are always among those to exclude (§5.1.4).
  explicit Synthesis(Options options);

  [[nodiscard]] const Options& options() const { return options_; }

  /// As if it were not there.
  [[nodiscard]] bool excludes(const dns::IpAddress& address) const;

  /// The IPv6 address for one of IPv4; none for one that is excluded.
  [[nodiscard]] std::optional<dns::IpAddress> translate(const dns::IpAddress& v4) const;

  /// Takes the AAAA records that are excluded out of the answer section. Says whether others are
  /// left.
  bool drop_excluded(dns::Answer& answer) const;

  /// `lower_qname` spells an address below the prefix: the reverse name of the IPv4 address in it
  /// (§5.3.1).
  [[nodiscard]] std::optional<dns::Name> reverse_name(dns::NameView lower_qname) const;

  /// The name by which clients learn the prefix, or one below it, is answered here and nowhere else
  /// (RFC 7050, RFC 8880 §7.1). False, and nothing said, for all other questions.
  bool answer_well_known(const dns::Query& question, dns::Answer& answer) const;

 private:
  const Options options_;
};

}  // namespace fairlead::plugins::dns64
