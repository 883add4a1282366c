// Checks the signatures of messages, and signs the replies to them.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "plugins/tsig/setup.h"
#include "query/signatures.h"

namespace fairlead::plugins::tsig {

/// Constant; any thread. Source: RFC 8945 §5.
class Signer final : public query::Signatures {
 public:
  explicit Signer(Options options) : options_(std::move(options)) {}

  [[nodiscard]] dns::Rcode check(const dns::Query& query, std::span<const uint8_t> packet,
                                 std::vector<uint8_t>& state) const override;
  size_t sign(std::vector<uint8_t>& state, std::span<uint8_t> out, size_t size) const override;

  struct Room {
    size_t signature = 0;  // octets of what sign() will put behind a reply
    size_t reply = 0;      // octets that the client takes, with it
  };
  [[nodiscard]] static Room room(const std::vector<uint8_t>& state);

  /// The name lies in the zones of the directive.
  [[nodiscard]] bool is_for(dns::NameView lower_name) const;
  /// It is not answered without a signature.
  [[nodiscard]] bool is_required(const dns::Query& query) const;

 private:
  [[nodiscard]] size_t find_key(dns::NameView name) const;

  const Options options_;
};

}  // namespace fairlead::plugins::tsig
