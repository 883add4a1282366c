#include "k8s-watch/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

#include "dns/address.h"

namespace fairlead::k8s_watch {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

[[noreturn]] void fail(const std::string& what) {
  const unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  throw std::runtime_error(what + (reason == nullptr ? "" : std::string(": ") + reason));
}

Owned<BIO> memory(const std::string& pem) {
  return Owned<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Owned<X509> next_certificate(BIO* bio) {
  return Owned<X509>(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
}

void trust(SSL_CTX* context, const std::string& ca_pem) {
  Owned<X509_STORE> store(X509_STORE_new());
  const Owned<BIO> bio = memory(ca_pem);
  int count = 0;
  while (const Owned<X509> certificate = next_certificate(bio.get())) {
    if (X509_STORE_add_cert(store.get(), certificate.get()) != 1) fail("CA certificate");
    ++count;
  }
  if (count == 0) fail("no CA certificate found in PEM text");
  ERR_clear_error();  // the last read met the end of the text
  // A cluster may hand out an intermediate as its CA.
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_cert_store(context, store.release());
}

// OpenSSL asks on the terminal for the pass phrase of an encrypted key unless told otherwise.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

void show(SSL_CTX* context, const std::string& cert_pem, const std::string& key_pem) {
  const Owned<BIO> chain = memory(cert_pem);
  const Owned<X509> own = next_certificate(chain.get());
  if (own == nullptr || SSL_CTX_use_certificate(context, own.get()) != 1)
    fail("client certificate");
  while (const Owned<X509> above = next_certificate(chain.get())) {
    if (SSL_CTX_add1_chain_cert(context, above.get()) != 1) fail("client certificate chain");
  }
  ERR_clear_error();
  const Owned<BIO> bio = memory(key_pem);
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  if (key == nullptr || SSL_CTX_use_PrivateKey(context, key.get()) != 1) fail("client key");
  if (SSL_CTX_check_private_key(context) != 1) fail("client certificate and key do not match");
}

// For a connection that could not be told which server to expect.
int accept_nobody(int, X509_STORE_CTX*) {
  return 0;
}

}  // namespace

void configure_tls(asio::ssl::context& context, const ApiAccess& access) {
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  if (access.insecure) {
    SSL_CTX_set_verify(native, SSL_VERIFY_NONE, nullptr);
  } else {
    if (!access.ca_pem.empty()) {
      trust(native, access.ca_pem);
    } else if (SSL_CTX_set_default_verify_paths(native) != 1) {
      fail("the system's CA certificates");
    }
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  }
  if (access.cert_pem.empty() != access.key_pem.empty()) {
    throw std::runtime_error("a client certificate and its key must be given together");
  }
  if (!access.cert_pem.empty()) show(native, access.cert_pem, access.key_pem);
}

void expect_server(SSL* ssl, const Url& url, const ApiAccess& access) {
  const std::string& name = access.server_name.empty() ? url.host : access.server_name;
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(
      expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool address = dns::IpAddress::from_text(name).has_value();
  const int told = address ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str())
                           : X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size());
  if (told != 1 && !access.insecure) SSL_set_verify(ssl, SSL_VERIFY_PEER, accept_nobody);
  if (!address) SSL_set_tlsext_host_name(ssl, name.c_str());
}

std::string handshake_error(SSL* ssl, const std::string& otherwise) {
  const long result = SSL_get_verify_result(ssl);
  if (result == X509_V_OK) return "TLS handshake: " + otherwise;
  return std::string("TLS: the server's certificate is refused: ") +
         X509_verify_cert_error_string(result);
}

}  // namespace fairlead::k8s_watch
