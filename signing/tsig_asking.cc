#include "signing/tsig_asking.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "dns/numbers.h"
#include "dns/reader.h"
#include "dns/tsig_record.h"
#include "dns/types.h"
#include "signing/tsig_mac.h"

namespace fairlead::signing {
namespace {

constexpr unsigned kMostUnsigned = 99;  // RFC 8945 §5.3.1

std::string error_text(uint16_t error) {
  switch (static_cast<TsigError>(error)) {
    case TsigError::BadSig:
      return "the server says BADSIG";
    case TsigError::BadKey:
      return "the server says BADKEY";
    case TsigError::BadTime:
      return "the server says BADTIME";
    case TsigError::BadTrunc:
      return "the server says BADTRUNC";
    default:
      return "the server says TSIG error " + std::to_string(error);
  }
}

// Of the first message, which has a header.
std::string unsigned_text(std::span<const uint8_t> message) {
  const auto rcode = static_cast<dns::Rcode>(message[3] & 0xf);
  if (rcode == dns::Rcode::NoError) return "the reply is not signed";
  return "the server says " + dns::to_text(rcode) + ", and has not signed it";
}

}  // namespace

TsigAsking::TsigAsking(const TsigKey& key, TsigAlgorithm algorithm)
    : key_(key), algorithm_(algorithm) {}

TsigAsking::~TsigAsking() = default;

void TsigAsking::begin_digest(std::span<const uint8_t> before) {
  digest_ = std::make_unique<TsigDigest>(algorithm_, key_);
  digest_->add_mac(before);
  unsigned_ = 0;
}

bool TsigAsking::sign(std::vector<uint8_t>& query, uint64_t now) {
  const size_t size = query.size();
  const auto id = static_cast<uint16_t>(dns::number_of(std::span(query).first(2)));
  const TsigWords words{.key_name = key_.name,
                        .algorithm = tsig_algorithm_name(algorithm_),
                        .time = now,
                        .original_id = id};
  query.resize(size + tsig_size(words, mac_size(algorithm_)));
  const TsigSecret secret{.key = key_, .algorithm = algorithm_};
  TsigMac mac;
  if (append_tsig(query, size, words, &secret, mac) == 0) return false;
  begin_digest(mac.view());
  return true;
}

std::string TsigAsking::check(std::span<const uint8_t> message, uint64_t now) {
  is_closed_ = false;
  if (message.size() < dns::kHeaderSize) return "a message is too short";
  const auto tsig = dns::find_tsig(message);
  if (!tsig) return "a message or its signature cannot be read";
  if (tsig->at != 0) return check_signed(message, *tsig, now);
  if (is_first_) return unsigned_text(message);
  if (++unsigned_ > kMostUnsigned) return "too many messages are not signed";
  digest_->add(message);
  return {};
}

std::string TsigAsking::check_signed(std::span<const uint8_t> message, const dns::Tsig& tsig,
                                     uint64_t now) {
  const TsigWords words = words_of(message, tsig);
  // Nobody can sign that he does not know the key.
  if (tsig.mac.empty() && tsig.error != 0) return error_text(tsig.error);
  if (words.key_name.lowered() != key_.name || tsig_algorithm(tsig.algorithm) != algorithm_)
    return "the reply is signed with another key";
  digest_->add_message(message, tsig);
  digest_->add_words(tsig, words.key_name.view(), !is_first_);
  TsigMac made;
  const size_t whole = mac_size(algorithm_);
  const size_t size = tsig.mac.size();
  if (size > whole || size < std::max(kLeastMac, whole / 2) || !digest_->finish(made) ||
      CRYPTO_memcmp(made.octets.data(), tsig.mac.data(), size) != 0)
    return "the signature is wrong";
  const uint64_t apart = now > words.time ? now - words.time : words.time - now;
  if (tsig.error != 0) return error_text(tsig.error);
  if (apart > words.fudge) return "the signature is of another time";
  begin_digest(tsig.mac);
  is_first_ = false;
  is_closed_ = true;
  return {};
}

}  // namespace fairlead::signing
