// Certificates and keys out of PEM text (RFC 7468), for TLS.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

namespace fairlead::net {

/// PEM text, or the file that it stands in: read when there is no text, and named by errors.
struct Pem {
  std::string file;
  std::string text;

  [[nodiscard]] bool empty() const { return file.empty() && text.empty(); }
};

struct PemFree {
  void operator()(X509* certificate) const;
  void operator()(EVP_PKEY* key) const;
};
using Certificate = std::unique_ptr<X509, PemFree>;
using PrivateKey = std::unique_ptr<EVP_PKEY, PemFree>;

/// What is to be trusted. As in Go, a block that is no certificate is passed over; one must be
/// left. This and the next two throw what refuse() throws, and never ask anybody for a pass phrase.
std::vector<Certificate> read_authorities(const Pem& pem);

/// A certificate and what is above it, in this order. Every one must be readable.
std::vector<Certificate> read_chain(const Pem& pem);

PrivateKey read_private_key(const Pem& pem);

/// Throws std::runtime_error "tls: cannot use the WHAT file FILE: REASON", where the reason is the
/// last of OpenSSL's on this thread, which holds nothing of what was read.
[[noreturn]] void refuse(const char* what, const Pem& pem);

/// OpenSSL's word for an error of its queue. The thread's queue is empty afterwards.
std::string take_openssl_reason();

}  // namespace fairlead::net
