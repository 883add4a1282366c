#include "signing/zone_key.h"

#include <ldns/ldns.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "dns/record_words.h"
#include "dns/text_record.h"
#include "dns/types.h"

namespace fairlead::signing {
namespace {

enum Algorithm : uint8_t {
  RsaSha1 = 5,
  RsaSha1Nsec3 = 7,
  RsaSha256 = 8,
  RsaSha512 = 10,
  EcdsaP256 = 13,
  EcdsaP384 = 14,
  Ed25519 = 15,
};

constexpr size_t kFront = 4;  // of a DNSKEY's rdata: flags, protocol, algorithm
constexpr uint16_t kZoneKey = 0x0100;
constexpr uint8_t kProtocol = 3;

bool is_known(uint8_t algorithm) {
  switch (algorithm) {
    case RsaSha1:
    case RsaSha1Nsec3:
    case RsaSha256:
    case RsaSha512:
    case EcdsaP256:
    case EcdsaP384:
    case Ed25519:
      return true;
    default:
      return false;
  }
}

const EVP_MD* digest_of(uint8_t algorithm) {
  switch (algorithm) {
    case RsaSha1:
    case RsaSha1Nsec3:
      return EVP_sha1();
    case RsaSha512:
      return EVP_sha512();
    case EcdsaP384:
      return EVP_sha384();
    case Ed25519:
      return nullptr;
    default:
      return EVP_sha256();
  }
}

// Of each of the two numbers of an ECDSA signature (RFC 6605 §4); 0: it is none.
int number_size(uint8_t algorithm) {
  switch (algorithm) {
    case EcdsaP256:
      return 32;
    case EcdsaP384:
      return 48;
    default:
      return 0;
  }
}

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* it) const {
    Free(it);
  }
};
using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using LdnsKey = std::unique_ptr<ldns_key, Freed<ldns_key_deep_free>>;
using LdnsRecord = std::unique_ptr<ldns_rr, Freed<ldns_rr_free>>;
using File = std::unique_ptr<FILE, Freed<fclose>>;

LdnsKey read_with_ldns(const std::string& text) {
  const File file(fmemopen(const_cast<char*>(text.data()), text.size(), "r"));  // NOLINT: read only
  ldns_key* key = nullptr;
  if (!file || ldns_key_new_frm_fp(&key, file.get()) != LDNS_STATUS_OK) return nullptr;
  return LdnsKey(key);
}

// The key in its own form: what ldns makes is in the one of an older OpenSSL.
std::shared_ptr<EVP_PKEY> as_new(const ldns_key& from) {
  uint8_t* octets = nullptr;
  EVP_PKEY* const old = ldns_key_evp_key(&from);
  const int size = old != nullptr ? i2d_PrivateKey(old, &octets) : 0;
  if (size <= 0) return nullptr;
  const uint8_t* at = octets;
  std::shared_ptr<EVP_PKEY> key(d2i_AutoPrivateKey(nullptr, &at, size), EVP_PKEY_free);
  OPENSSL_clear_free(octets, static_cast<size_t>(size));
  return key;
}

// Whether `key` is the private half of what a DNSKEY's rdata says.
bool is_pair(const ldns_key& key, std::span<const uint8_t> rdata) {
  if (ldns_key_algorithm(&key) != static_cast<ldns_signing_algorithm>(rdata[3])) return false;
  const LdnsRecord record(ldns_key2rr(&key));
  const ldns_rdf* const made = record ? ldns_rr_rdf(record.get(), 3) : nullptr;
  if (made == nullptr) return false;
  const std::span<const uint8_t> theirs(ldns_rdf_data(made), ldns_rdf_size(made));
  return std::ranges::equal(theirs, rdata.subspan(kFront));
}

// From ASN.1 to two numbers of one size.
bool flatten(std::vector<uint8_t>& signature, size_t from, int size) {
  const uint8_t* at = signature.data() + from;
  const Signature parts(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size() - from)));  // NOLINT: its type
  if (!parts) return false;
  signature.resize(from + 2 * static_cast<size_t>(size));
  uint8_t* const to = signature.data() + from;
  return BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), to, size) == size &&
         BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), to + size, size) == size;
}

}  // namespace

uint16_t key_tag(std::span<const uint8_t> rdata) {
  uint32_t sum = 0;
  for (size_t i = 0; i < rdata.size(); ++i)
    sum += i % 2 == 0 ? static_cast<uint32_t>(rdata[i]) << 8 : rdata[i];
  return static_cast<uint16_t>(sum + (sum >> 16));
}

std::shared_ptr<const ZoneKey> ZoneKey::read(std::string_view public_text,
                                             const std::string& private_text, std::string& error) {
  const std::shared_ptr<ZoneKey> key(new ZoneKey);
  error = key->read_public(public_text);
  if (error.empty()) error = key->read_private(private_text);
  if (!error.empty()) return nullptr;
  return key;
}

std::string ZoneKey::read_public(std::string_view text) {
  static constexpr uint8_t kRoot[] = {0};
  dns::TextRecord record;
  dns::RecordWords words(text);
  const bool read =
      words.next_record() &&
      record.read(words, {.origin = kRoot, .ttl = dns::TextRecord::kUsualTtl}).empty();
  if (!read || record.type() != dns::RrType::Dnskey || record.record_class() != dns::RrClass::In ||
      record.rdata().size() <= kFront)
    return "no public key found";
  owner_ = dns::Name(record.owner()).lowered();
  ttl_ = record.ttl();
  rdata_.assign(record.rdata().begin(), record.rdata().end());
  tag_ = key_tag(rdata_);
  if ((flags() & kZoneKey) == 0 || rdata_[2] != kProtocol) return "the key is not one of a zone";
  if (!is_known(algorithm()))
    return "keys of algorithm " + std::to_string(algorithm()) +
           " are not signed with: they are to be of algorithm 5, 7, 8, 10, 13, 14 or 15";
  return {};
}

std::string ZoneKey::read_private(const std::string& text) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return "no private key found";
  const LdnsKey read = read_with_ldns(text);
  if (!read) return "bad private key";
  if (!is_pair(*read, rdata_)) return "the private key is not that of the public key";
  key_ = as_new(*read);
  return key_ ? "" : "bad private key";
}

bool ZoneKey::is_weak() const {
  return algorithm() == RsaSha1 || algorithm() == RsaSha1Nsec3;
}

bool ZoneKey::sign(std::span<const uint8_t> data, std::vector<uint8_t>& signature) const {
  const size_t before = signature.size();
  const Context context(EVP_MD_CTX_new());
  size_t size = static_cast<size_t>(EVP_PKEY_get_size(key_.get()));
  signature.resize(before + size);
  const bool made = context &&
                    EVP_DigestSignInit(context.get(), nullptr, digest_of(algorithm()), nullptr,
                                       key_.get()) == 1 &&
                    EVP_DigestSign(context.get(), signature.data() + before, &size, data.data(),
                                   data.size()) == 1;
  signature.resize(before + (made ? size : 0));
  const int number = number_size(algorithm());
  if (made && (number == 0 || flatten(signature, before, number))) return true;
  signature.resize(before);
  return false;
}

}  // namespace fairlead::signing
