#include "net/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace fairlead::net {
namespace {

template <typename Octets>
bool fill(Octets& octets) {
  return RAND_bytes(octets.data(), static_cast<int>(octets.size())) == 1;
}

}  // namespace

TicketKeys::TicketKeys(Clock::time_point now) : since_(now) {
  if (!fill(current_.name) || !fill(current_.cipher) || !fill(current_.mac)) {
    throw std::runtime_error("tls: no random numbers for the keys of session tickets");
  }
  previous_ = {};
}

TicketKeys::~TicketKeys() {
  OPENSSL_cleanse(&current_, sizeof current_);
  OPENSSL_cleanse(&previous_, sizeof previous_);
}

void TicketKeys::rotate(Clock::time_point now) {
  const auto age = now - since_;
  if (age < kLife) return;
  Key next;
  // An old key is better than no handshake.
  if (!fill(next.name) || !fill(next.cipher) || !fill(next.mac)) return;
  previous_ = current_;
  has_previous_ = age < 2 * kLife;
  current_ = next;
  since_ += kLife * (age / kLife);
  OPENSSL_cleanse(&next, sizeof next);
}

bool TicketKeys::prepare_mac(EVP_MAC_CTX* mac, const Key& key) {
  char digest[] = "SHA256";
  auto octets = key.mac;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, octets.data(), octets.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  const bool good = EVP_MAC_CTX_set_params(mac, parameters) == 1;
  OPENSSL_cleanse(octets.data(), octets.size());
  return good;
}

TicketKeys::Outcome TicketKeys::protect(const Ticket& ticket, Clock::time_point now) {
  if (!fill(ticket.iv)) return Failed;
  const std::lock_guard lock(mutex_);
  rotate(now);
  std::ranges::copy(current_.name, ticket.key_name.begin());
  const bool good = EVP_EncryptInit_ex(ticket.cipher, EVP_aes_256_cbc(), nullptr,
                                       current_.cipher.data(), ticket.iv.data()) == 1 &&
                    prepare_mac(ticket.mac, current_);
  return good ? Usable : Failed;
}

TicketKeys::Outcome TicketKeys::open(const Ticket& ticket, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  rotate(now);
  const bool is_current = std::ranges::equal(ticket.key_name, current_.name);
  const bool is_previous = has_previous_ && std::ranges::equal(ticket.key_name, previous_.name);
  if (!is_current && !is_previous) return Unknown;
  const Key& key = is_current ? current_ : previous_;
  const bool good = EVP_DecryptInit_ex(ticket.cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(),
                                       ticket.iv.data()) == 1 &&
                    prepare_mac(ticket.mac, key);
  if (!good) return Failed;
  return is_current ? Usable : ToBeRenewed;
}

}  // namespace fairlead::net
