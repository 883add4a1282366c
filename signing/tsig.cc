#include "signing/tsig.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <string_view>

#include "dns/numbers.h"
#include "dns/reader.h"
#include "dns/types.h"
#include "dns/writer.h"
#include "signing/tsig_mac.h"

namespace fairlead::signing {
namespace {

struct AlgorithmInfo {
  std::string_view name;  // wire form
  uint8_t size;           // of its MAC
};

constexpr AlgorithmInfo kAlgorithms[] = {
    {{"\x09hmac-sha1\0", 11}, 20},   {{"\x0bhmac-sha224\0", 13}, 28},
    {{"\x0bhmac-sha256\0", 13}, 32}, {{"\x0bhmac-sha384\0", 13}, 48},
    {{"\x0bhmac-sha512\0", 13}, 64},
};

const AlgorithmInfo& info_of(TsigAlgorithm algorithm) {
  return kAlgorithms[static_cast<size_t>(algorithm)];
}

bool mac_of_query(std::span<const uint8_t> packet, const dns::Tsig& tsig, const TsigKey& key,
                  TsigAlgorithm algorithm, TsigMac& made) {
  TsigDigest digest(algorithm, key);
  digest.add_message(packet, tsig);
  digest.add_words(tsig, words_of(packet, tsig).key_name.view(), false);
  return digest.finish(made);
}

bool mac_of_reply(std::span<const uint8_t> message, const TsigWords& words,
                  const TsigSecret& secret, TsigMac& made) {
  TsigDigest digest(secret.algorithm, secret.key);
  if (secret.before != nullptr) digest.add_mac(secret.before->view());
  digest.add(words.original_id, 2);
  digest.add(message.subspan(2));
  digest.add_words(words, !secret.is_first);
  return digest.finish(made);
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

dns::Name tsig_algorithm_name(TsigAlgorithm algorithm) {
  const std::string_view name = info_of(algorithm).name;
  return dns::Name({reinterpret_cast<const uint8_t*>(name.data()), name.size()});
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
