// How the MAC of a TSIG record is made (RFC 8945 §4.3). Internal to signing/.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <span>

#include "dns/name.h"
#include "dns/query.h"
#include "signing/tsig.h"

namespace fairlead::signing {

inline constexpr size_t kLeastMac = 10;         // octets (RFC 8945 §5.2.2.1)
inline constexpr size_t kAdditionalCount = 10;  // where a header has it

/// One MAC, fed piece by piece. Used by one thread.
class TsigDigest {
 public:
  TsigDigest(TsigAlgorithm algorithm, const TsigKey& key);

  void add(std::span<const uint8_t> octets);
  /// The last `octets` octets of `value`.
  void add(uint64_t value, size_t octets);
  void add_lowered(dns::NameView name) { add(dns::Name(name).lowered().view()); }
  /// With its length in front (RFC 8945 §5.3).
  void add_mac(std::span<const uint8_t> mac);
  /// `message` as it was before `tsig` was put behind it (§4.3.2).
  void add_message(std::span<const uint8_t> message, const dns::Tsig& tsig);
  /// What the record itself says (§4.3.3), or its times alone (§5.3.1).
  void add_words(const TsigWords& words, bool timers_only);
  /// The same of a record that was received. `key_name` in any case.
  void add_words(const dns::Tsig& tsig, dns::NameView key_name, bool timers_only);

  /// False when no MAC could be made.
  [[nodiscard]] bool finish(TsigMac& mac);

 private:
  void add_names(dns::NameView key_name, dns::NameView algorithm);

  struct Free {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
  bool good_ = false;
};

}  // namespace fairlead::signing
