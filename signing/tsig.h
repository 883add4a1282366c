// Messages that are signed with a secret both ends know (RFC 8945).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dns/name.h"
#include "dns/query.h"

namespace fairlead::signing {

/// HMAC with SHA-1 and SHA-2, as every implementation has them; not with MD5 (RFC 8945 §6).
enum class TsigAlgorithm : uint8_t { Sha1, Sha224, Sha256, Sha384, Sha512 };

/// `name` in any case.
std::optional<TsigAlgorithm> tsig_algorithm(dns::NameView name);
dns::Name tsig_algorithm_name(TsigAlgorithm algorithm);

struct TsigKey {
  dns::Name name;  // lower case
  std::vector<uint8_t> secret;

  friend bool operator==(const TsigKey&, const TsigKey&) = default;
};

/// RFC 8945 §3 and the TSIG errors there. BadSize is none that is sent: it is a FORMERR.
enum class TsigError : uint16_t {
  None = 0,
  BadSig = 16,
  BadKey = 17,
  BadTime = 18,
  BadTrunc = 22,
  BadSize = 0xffff,
};

/// A MAC.
struct TsigMac {
  std::array<uint8_t, 64> octets{};
  uint8_t size = 0;
  [[nodiscard]] std::span<const uint8_t> view() const { return std::span(octets).first(size); }
};

inline constexpr uint16_t kTsigFudge = 300;  // seconds that clocks may differ

/// What the TSIG record of a message says besides the MAC.
struct TsigWords {
  dns::Name key_name;   // as the client wrote it
  dns::Name algorithm;  // as well
  uint64_t time = 0;    // seconds since 1970, 48 bits
  uint16_t fudge = kTsigFudge;
  uint16_t original_id = 0;
  TsigError error = TsigError::None;
  std::array<uint8_t, 6> other{};  // the server's time
  uint8_t other_size = 0;
};

/// `tsig` is the record of `packet`, a query.
TsigWords words_of(std::span<const uint8_t> packet, const dns::Tsig& tsig);

/// Checks `packet`, a query whose TSIG record is `tsig`, in the order of RFC 8945 §5.2. `now` in
/// seconds since 1970.
TsigError verify_tsig(std::span<const uint8_t> packet, const dns::Tsig& tsig, const TsigKey& key,
                      uint64_t now);

/// The octets of the record.
size_t tsig_size(const TsigWords& words, size_t mac_size);
size_t mac_size(TsigAlgorithm algorithm);

/// What a MAC is made with: `before` is, for a reply, the MAC of the query or of the message
/// before; null for a query.
struct TsigSecret {
  const TsigKey& key;
  TsigAlgorithm algorithm = TsigAlgorithm::Sha256;
  const TsigMac* before = nullptr;
  bool is_first = true;  // of the messages of a reply (RFC 8945 §5.3.1)
};

/// Puts the record behind the message `out[0, size)`, which has room for it and tells so in its
/// header. Without `secret` the MAC is empty. Returns the new size, 0 when there is no room or no
/// MAC can be made; `mac` becomes what was written.
size_t append_tsig(std::span<uint8_t> out, size_t size, const TsigWords& words,
                   const TsigSecret* secret, TsigMac& mac);

}  // namespace fairlead::signing
