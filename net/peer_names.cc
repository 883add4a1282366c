#include "net/peer_names.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "dns/address.h"
#include "net/pem.h"

namespace fairlead::net {
namespace {

struct NamesFree {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string octets_of(const ASN1_STRING* text) {
  const auto* const octets = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
  return {octets, static_cast<size_t>(ASN1_STRING_length(text))};
}

std::string address_of(const ASN1_STRING* octets) {
  const std::span<const uint8_t> data(ASN1_STRING_get0_data(octets),
                                      static_cast<size_t>(ASN1_STRING_length(octets)));
  if (data.size() != 4 && data.size() != 16) return {};
  return dns::IpAddress(data).to_text();
}

std::string text_of(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
      return octets_of(name.d.dNSName);
    case GEN_EMAIL:
      return octets_of(name.d.rfc822Name);
    case GEN_URI:
      return octets_of(name.d.uniformResourceIdentifier);
    case GEN_IPADD:
      return address_of(name.d.iPAddress);
    default:
      return {};
  }
}

}  // namespace

bool shows_any_of(const SSL* ssl, std::span<const std::string> names) {
  const Certificate shown(SSL_get1_peer_certificate(ssl));
  if (shown == nullptr) return false;
  const std::unique_ptr<GENERAL_NAMES, NamesFree> own(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(shown.get(), NID_subject_alt_name, nullptr, nullptr)));
  if (own == nullptr) return false;
  for (int i = 0; i < sk_GENERAL_NAME_num(own.get()); ++i) {
    const std::string name = text_of(*sk_GENERAL_NAME_value(own.get(), i));
    if (!name.empty() && std::ranges::find(names, name) != names.end()) return true;
  }
  return false;
}

}  // namespace fairlead::net
