// Certificates for TLS tests, made on the spot.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace fairlead::k8s_watch::test {

struct Identity {
  std::string cert_pem, key_pem;
};

/// A certificate authority of its own.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  [[nodiscard]] std::string pem() const;

  /// `names` as in openssl's subjectAltName: "IP:127.0.0.1,DNS:api.test".
  [[nodiscard]] Identity issue(const std::string& names) const;

 private:
  EVP_PKEY* key_;
  X509* certificate_;
};

}  // namespace fairlead::k8s_watch::test
