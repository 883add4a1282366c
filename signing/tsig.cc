#include "signing/tsig.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "dns/numbers.h"
#include "dns/reader.h"
#include "dns/types.h"
#include "dns/writer.h"

namespace fairlead::signing {
namespace {

struct AlgorithmInfo {
  std::string_view name;  // wire form
  const char* digest;
  uint8_t size;
};

constexpr AlgorithmInfo kAlgorithms[] = {
    {{"\x09hmac-sha1\0", 11}, "SHA1", 20},       {{"\x0bhmac-sha224\0", 13}, "SHA2-224", 28},
    {{"\x0bhmac-sha256\0", 13}, "SHA2-256", 32}, {{"\x0bhmac-sha384\0", 13}, "SHA2-384", 48},
    {{"\x0bhmac-sha512\0", 13}, "SHA2-512", 64},
};

const AlgorithmInfo& info_of(TsigAlgorithm algorithm) {
  return kAlgorithms[static_cast<size_t>(algorithm)];
}

constexpr size_t kHeader = 12;
constexpr size_t kAdditionalCount = 10;  // where the header has it
constexpr size_t kLeastMac = 10;         // RFC 8945 §5.2.2.1

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// Looked up once: that takes longer than a MAC.
EVP_MAC* hmac() {
  static EVP_MAC* const kHmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return kHmac;
}

class Mac {
 public:
  Mac(TsigAlgorithm algorithm, const TsigKey& key) : context_(EVP_MAC_CTX_new(hmac())) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(
            OSSL_MAC_PARAM_DIGEST,
            const_cast<char*>(info_of(algorithm).digest),  // NOLINT: it is read
            0),
        OSSL_PARAM_construct_end()};
    static constexpr uint8_t kEmpty = 0;  // null would be no key at all
    good_ = context_ != nullptr &&
            EVP_MAC_init(context_.get(), key.secret.empty() ? &kEmpty : key.secret.data(),
                         key.secret.size(), parameters) == 1;
  }

  void add(std::span<const uint8_t> octets) {
    good_ = good_ && EVP_MAC_update(context_.get(), octets.data(), octets.size()) == 1;
  }
  void add(uint64_t value, size_t octets) {
    std::array<uint8_t, 8> big_endian{};
    for (size_t i = 0; i < octets; ++i)
      big_endian[i] = static_cast<uint8_t>(value >> (8 * (octets - 1 - i)));
    add(std::span(big_endian).first(octets));
  }
  void add_lowered(dns::NameView name) { add(dns::Name(name).lowered().view()); }

  // RFC 8945 §4.3.3, and §5.3.1 for the messages behind the first.
  void add_words(const TsigWords& words, bool timers_only) {
    if (!timers_only) {
      add_lowered(words.key_name.view());
      add(static_cast<uint64_t>(dns::RrClass::Any), 2);
      add(0, 4);
      add_lowered(words.algorithm.view());
    }
    add(words.time, 6);
    add(words.fudge, 2);
    if (timers_only) return;
    add(static_cast<uint64_t>(words.error), 2);
    add(words.other_size, 2);
    add(std::span(words.other).first(words.other_size));
  }

  bool finish(TsigMac& mac) {
    size_t size = 0;
    good_ =
        good_ && EVP_MAC_final(context_.get(), mac.octets.data(), &size, mac.octets.size()) == 1;
    mac.size = static_cast<uint8_t>(size);
    return good_;
  }

 private:
  std::unique_ptr<EVP_MAC_CTX, FreeContext> context_;
  bool good_ = false;
};

// The message as it was before the record was put behind it (RFC 8945 §4.3.2).
bool mac_of_query(std::span<const uint8_t> packet, const dns::Tsig& tsig, const TsigKey& key,
                  TsigAlgorithm algorithm, TsigMac& made) {
  Mac mac(algorithm, key);
  std::array<uint8_t, kHeader> header{};
  std::copy_n(packet.begin(), kHeader, header.begin());
  header[0] = static_cast<uint8_t>(tsig.original_id >> 8);
  header[1] = static_cast<uint8_t>(tsig.original_id);
  const uint64_t additional = dns::number_of(packet.subspan(kAdditionalCount, 2)) - 1;
  header[kAdditionalCount] = static_cast<uint8_t>(additional >> 8);
  header[kAdditionalCount + 1] = static_cast<uint8_t>(additional);
  mac.add(header);
  mac.add(packet.subspan(kHeader, tsig.at - kHeader));
  mac.add_lowered(words_of(packet, tsig).key_name.view());
  mac.add(static_cast<uint64_t>(dns::RrClass::Any), 2);
  mac.add(0, 4);
  mac.add_lowered(tsig.algorithm);
  mac.add(tsig.time_and_fudge);
  mac.add(tsig.error, 2);
  mac.add(tsig.other.size(), 2);
  mac.add(tsig.other);
  return mac.finish(made);
}

bool mac_of_reply(std::span<const uint8_t> message, const TsigWords& words,
                  const TsigSecret& secret, TsigMac& made) {
  Mac mac(secret.algorithm, secret.key);
  mac.add(secret.before.size, 2);
  mac.add(secret.before.view());
  mac.add(words.original_id, 2);
  mac.add(message.subspan(2));
  mac.add_words(words, !secret.is_first);
  return mac.finish(made);
}

}  // namespace

std::optional<TsigAlgorithm> tsig_algorithm(dns::NameView name) {
  const dns::Name lowered = dns::Name(name).lowered();
  for (size_t i = 0; i < std::size(kAlgorithms); ++i) {
    const auto same = [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; };
    if (std::ranges::equal(kAlgorithms[i].name, lowered.view(), same))
      return static_cast<TsigAlgorithm>(i);
  }
  return std::nullopt;
}

size_t mac_size(TsigAlgorithm algorithm) {
  return info_of(algorithm).size;
}

TsigWords words_of(std::span<const uint8_t> packet, const dns::Tsig& tsig) {
  TsigWords words;
  std::array<uint8_t, dns::kMaxNameSize> name;  // NOLINT: what is read was written
  dns::Reader in{packet, tsig.at};
  if (const size_t size = dns::read_name(in, name.data()); size != 0)
    words.key_name = dns::Name(dns::NameView(name.data(), size));
  words.algorithm = dns::Name(tsig.algorithm);
  words.time = dns::number_of(std::span(tsig.time_and_fudge).first(6));
  words.fudge = static_cast<uint16_t>(dns::number_of(std::span(tsig.time_and_fudge).last(2)));
  words.original_id = tsig.original_id;
  return words;
}

TsigError verify_tsig(std::span<const uint8_t> packet, const dns::Tsig& tsig, const TsigKey& key,
                      uint64_t now) {
  const auto algorithm = tsig_algorithm(tsig.algorithm);
  if (!algorithm) return TsigError::BadKey;
  const size_t whole = mac_size(*algorithm);
  if (tsig.mac.size() > whole || tsig.mac.size() < std::max(kLeastMac, whole / 2))
    return tsig.mac.empty() ? TsigError::BadSig : TsigError::BadSize;
  TsigMac made;
  if (!mac_of_query(packet, tsig, key, *algorithm, made) ||
      CRYPTO_memcmp(made.octets.data(), tsig.mac.data(), tsig.mac.size()) != 0)
    return TsigError::BadSig;
  const TsigWords words = words_of(packet, tsig);
  const uint64_t apart = now > words.time ? now - words.time : words.time - now;
  if (apart > words.fudge) return TsigError::BadTime;
  return tsig.mac.size() < whole ? TsigError::BadTrunc : TsigError::None;
}

size_t tsig_size(const TsigWords& words, size_t mac_size) {
  constexpr size_t kFixed = 10 + 16;  // of the record, of its rdata
  return words.key_name.size() + words.algorithm.size() + kFixed + mac_size + words.other_size;
}

size_t append_tsig(std::span<uint8_t> out, size_t size, const TsigWords& words,
                   const TsigSecret* secret, TsigMac& mac) {
  mac.size = 0;
  if (secret != nullptr && !mac_of_reply(out.first(size), words, *secret, mac)) return 0;
  const size_t whole = tsig_size(words, mac.size);
  if (size + whole > out.size()) return 0;
  dns::Writer writer{out, size};
  writer.put(words.key_name.view());
  writer.put16(static_cast<uint16_t>(dns::RrType::Tsig));
  writer.put16(static_cast<uint16_t>(dns::RrClass::Any));
  writer.put32(0);
  writer.put16(static_cast<uint32_t>(whole - words.key_name.size() - 10));
  writer.put(words.algorithm.view());
  writer.put16(static_cast<uint32_t>(words.time >> 32));
  writer.put32(static_cast<uint32_t>(words.time));
  writer.put16(words.fudge);
  writer.put16(mac.size);
  writer.put(mac.view());
  writer.put16(words.original_id);
  writer.put16(static_cast<uint16_t>(words.error));
  writer.put16(words.other_size);
  writer.put(std::span(words.other).first(words.other_size));
  const uint64_t additional = dns::number_of(out.subspan(kAdditionalCount, 2)) + 1;
  out[kAdditionalCount] = static_cast<uint8_t>(additional >> 8);
  out[kAdditionalCount + 1] = static_cast<uint8_t>(additional);
  return writer.at;
}

}  // namespace fairlead::signing
