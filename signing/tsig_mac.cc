#include "signing/tsig_mac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

#include "dns/numbers.h"
#include "dns/reader.h"
#include "dns/types.h"

namespace fairlead::signing {
namespace {

const char* digest_of(TsigAlgorithm algorithm) {
  switch (algorithm) {
    case TsigAlgorithm::Sha1:
      return "SHA1";
    case TsigAlgorithm::Sha224:
      return "SHA2-224";
    case TsigAlgorithm::Sha256:
      return "SHA2-256";
    case TsigAlgorithm::Sha384:
      return "SHA2-384";
    case TsigAlgorithm::Sha512:
      return "SHA2-512";
  }
  return "";
}

// Looked up once: that takes longer than a MAC.
EVP_MAC* hmac() {
  static EVP_MAC* const kHmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return kHmac;
}

}  // namespace

TsigDigest::TsigDigest(TsigAlgorithm algorithm, const TsigKey& key)
    : context_(EVP_MAC_CTX_new(hmac())) {
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(
                                 OSSL_MAC_PARAM_DIGEST,
                                 const_cast<char*>(digest_of(algorithm)),  // NOLINT: it is read
                                 0),
                             OSSL_PARAM_construct_end()};
  static constexpr uint8_t kEmpty = 0;  // null would be no key at all
  good_ = context_ != nullptr &&
          EVP_MAC_init(context_.get(), key.secret.empty() ? &kEmpty : key.secret.data(),
                       key.secret.size(), parameters) == 1;
}

void TsigDigest::add(std::span<const uint8_t> octets) {
  good_ = good_ && EVP_MAC_update(context_.get(), octets.data(), octets.size()) == 1;
}

void TsigDigest::add(uint64_t value, size_t octets) {
  std::array<uint8_t, 8> big_endian{};
  for (size_t i = 0; i < octets; ++i)
    big_endian[i] = static_cast<uint8_t>(value >> (8 * (octets - 1 - i)));
  add(std::span(big_endian).first(octets));
}

void TsigDigest::add_mac(std::span<const uint8_t> mac) {
  add(mac.size(), 2);
  add(mac);
}

void TsigDigest::add_message(std::span<const uint8_t> message, const dns::Tsig& tsig) {
  std::array<uint8_t, dns::kHeaderSize> header{};
  std::copy_n(message.begin(), header.size(), header.begin());
  header[0] = static_cast<uint8_t>(tsig.original_id >> 8);
  header[1] = static_cast<uint8_t>(tsig.original_id);
  const uint64_t additional = dns::number_of(message.subspan(kAdditionalCount, 2)) - 1;
  header[kAdditionalCount] = static_cast<uint8_t>(additional >> 8);
  header[kAdditionalCount + 1] = static_cast<uint8_t>(additional);
  add(header);
  add(message.subspan(header.size(), tsig.at - header.size()));
}

// With the class and the TTL in between.
void TsigDigest::add_names(dns::NameView key_name, dns::NameView algorithm) {
  add_lowered(key_name);
  add(static_cast<uint64_t>(dns::RrClass::Any), 2);
  add(0, 4);
  add_lowered(algorithm);
}

void TsigDigest::add_words(const TsigWords& words, bool timers_only) {
  if (!timers_only) add_names(words.key_name.view(), words.algorithm.view());
  add(words.time, 6);
  add(words.fudge, 2);
  if (timers_only) return;
  add(static_cast<uint64_t>(words.error), 2);
  add(words.other_size, 2);
  add(std::span(words.other).first(words.other_size));
}

void TsigDigest::add_words(const dns::Tsig& tsig, dns::NameView key_name, bool timers_only) {
  if (!timers_only) add_names(key_name, tsig.algorithm);
  add(tsig.time_and_fudge);
  if (timers_only) return;
  add(tsig.error, 2);
  add(tsig.other.size(), 2);
  add(tsig.other);
}

bool TsigDigest::finish(TsigMac& mac) {
  size_t size = 0;
  good_ = good_ && EVP_MAC_final(context_.get(), mac.octets.data(), &size, mac.octets.size()) == 1;
  mac.size = static_cast<uint8_t>(size);
  return good_;
}

}  // namespace fairlead::signing
