// Who the other end of a TLS connection says it is.
#pragma once

#include <openssl/ssl.h>

#include <span>
#include <string>

namespace fairlead::net {

/// The certificate that the other end has shown carries one of `names`, octet for octet: DNS names,
/// addresses, e-mail addresses and URIs of its subjectAltName. False without a certificate.
bool shows_any_of(const SSL* ssl, std::span<const std::string> names);

}  // namespace fairlead::net
