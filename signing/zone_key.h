// A key that signs the records of zones (RFC 4034 §2), as BIND's and ldns's tools write it.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"

namespace fairlead::signing {

/// Constant once read: threads may share it.
class ZoneKey {
 public:
  /// The texts of NAME.key and NAME.private. Null, and why in `error`, when they are no pair of
  /// one key, or of an algorithm that is not signed with here: ECDSA P-256 and P-384, Ed25519, RSA
  /// with SHA-1, SHA-256 and SHA-512.
  static std::shared_ptr<const ZoneKey> read(std::string_view public_text,
                                             const std::string& private_text, std::string& error);

  /// Lower case.
  [[nodiscard]] const dns::Name& owner() const { return owner_; }
  /// Of its DNSKEY record.
  [[nodiscard]] std::span<const uint8_t> rdata() const { return rdata_; }
  [[nodiscard]] uint32_t ttl() const { return ttl_; }
  [[nodiscard]] uint8_t algorithm() const { return rdata_[3]; }
  [[nodiscard]] uint16_t flags() const { return static_cast<uint16_t>(rdata_[0] << 8 | rdata_[1]); }
  /// RFC 4034 appendix B.
  [[nodiscard]] uint16_t tag() const { return tag_; }
  /// Of an algorithm that nobody should sign with any more (RFC 8624 §3.1): some who check
  /// signatures take the zone for unsigned.
  [[nodiscard]] bool is_weak() const;
  /// The SEP bit (RFC 4034 §2.1.1): the parent zone's DS record names it.
  [[nodiscard]] bool is_entry_point() const { return (flags() & 1) != 0; }

  /// Appends the signature of `data` as an RRSIG record has it. False when it cannot be made, and
  /// nothing is appended then.
  [[nodiscard]] bool sign(std::span<const uint8_t> data, std::vector<uint8_t>& signature) const;

 private:
  ZoneKey() = default;
  std::string read_public(std::string_view text);
  std::string read_private(const std::string& text);

  dns::Name owner_;
  uint32_t ttl_ = 0;
  std::vector<uint8_t> rdata_;
  uint16_t tag_ = 0;
  std::shared_ptr<EVP_PKEY> key_;
};

/// RFC 4034 appendix B, of a DNSKEY record's rdata.
uint16_t key_tag(std::span<const uint8_t> rdata);

}  // namespace fairlead::signing
