#include "forward/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace fairlead::forward {
namespace {

// Where distributions keep the certificates that everybody trusts, in one file.
constexpr const char* kSystemBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
};

std::string openssl_reason(unsigned long error) {
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : "unknown error";
}

[[noreturn]] void refuse(const char* what, const std::string& file) {
  const std::string reason = openssl_reason(ERR_peek_last_error());
  ERR_clear_error();
  throw std::runtime_error(std::string(what) + " " + file + ": " + reason);
}

void load_system_authorities(SSL_CTX* context) {
  for (const char* bundle : kSystemBundles) {
    if (SSL_CTX_load_verify_file(context, bundle) == 1) return;
  }
  SSL_CTX_set_default_verify_paths(context);
  ERR_clear_error();
}

// Go's words for the cases that are met in practice.
std::string verify_error(long result) {
  const std::string prefix = "tls: failed to verify certificate: x509: ";
  switch (result) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return prefix + "certificate signed by unknown authority";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return prefix + "certificate has expired or is not yet valid";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return prefix + "certificate is not valid for the upstream's name";
    default:
      return prefix + X509_verify_cert_error_string(result);
  }
}

}  // namespace

TlsClient::TlsClient(const TlsSettings& settings, const UpstreamSettings& upstream)
    : context_(SSL_CTX_new(TLS_client_method())), server_name_(upstream.server_name) {
  if (context_ == nullptr) throw std::runtime_error("tls: out of memory");
  if (server_name_.empty()) server_name_ = upstream.address.to_text();
  if (server_name_.ends_with('.')) server_name_.pop_back();
  is_address_ = dns::IpAddress::from_text(server_name_).has_value();
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context_.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context_.get(),
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data(context_.get(), this);
  SSL_CTX_sess_set_new_cb(context_.get(), &TlsClient::on_session);
  load(settings);
}

void TlsClient::load(const TlsSettings& settings) {
  SSL_CTX* context = context_.get();
  ERR_clear_error();
  if (settings.ca.empty()) {
    load_system_authorities(context);
  } else if (SSL_CTX_load_verify_file(context, settings.ca.c_str()) != 1) {
    refuse("tls: cannot use the CA file", settings.ca);
  }
  if (settings.cert.empty()) return;
  if (SSL_CTX_use_certificate_chain_file(context, settings.cert.c_str()) != 1) {
    refuse("tls: cannot use the certificate file", settings.cert);
  }
  if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    refuse("tls: cannot use the key file", settings.key);
  }
}

int TlsClient::on_session(SSL* ssl, SSL_SESSION* session) {
  auto* client = static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const std::lock_guard lock(client->mutex_);
  client->session_.reset(session);
  return 1;  // the session is ours now
}

std::unique_ptr<SSL, SslFree> TlsClient::connect() {
  std::unique_ptr<SSL, SslFree> ssl(SSL_new(context_.get()));
  if (ssl == nullptr) return nullptr;
  SSL_set_connect_state(ssl.get());
  if (is_address_) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), server_name_.c_str());
  } else {
    SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (SSL_set1_host(ssl.get(), server_name_.c_str()) != 1) return nullptr;
    SSL_set_tlsext_host_name(ssl.get(), server_name_.c_str());
  }
  const std::lock_guard lock(mutex_);
  if (session_ != nullptr) SSL_set_session(ssl.get(), session_.get());
  return ssl;
}

void TlsClient::forget_session() {
  const std::lock_guard lock(mutex_);
  session_.reset();
}

std::unique_ptr<TlsClient> make_tls_client(const TlsSettings& settings,
                                           const UpstreamSettings& upstream) {
  return std::make_unique<TlsClient>(settings, upstream);
}

TlsSession::TlsSession(TlsClient& client) : client_(client), ssl_(client.connect()) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  if (ssl_ == nullptr || in == nullptr || out == nullptr) {
    BIO_free(in);
    BIO_free(out);
    state_ = State::Failed;
    error_ = "tls: out of memory";
    return;
  }
  BIO_set_mem_eof_return(in, -1);
  BIO_set_mem_eof_return(out, -1);
  SSL_set_bio(ssl_.get(), in, out);
}

// A connection that ended without a goodbye is no reason to give up its session (RFC 5246 §7.2.1);
// OpenSSL would, had nothing been sent.
TlsSession::~TlsSession() {
  if (ssl_ != nullptr) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void TlsSession::receive(std::span<const uint8_t> octets) {
  if (ssl_ == nullptr) return;
  const int size = static_cast<int>(octets.size());
  if (BIO_write(SSL_get_rbio(ssl_.get()), octets.data(), size) == size) return;
  state_ = State::Failed;
  error_ = "tls: out of memory";
}

TlsSession::State TlsSession::advance() {
  if (state_ != State::Handshake) return state_;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return state_ = State::Open;
  return fail(result);
}

TlsSession::State TlsSession::fail(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return state_;
    case SSL_ERROR_ZERO_RETURN:
      return state_ = State::Closed;
    default:
      break;
  }
  const long verified = SSL_get_verify_result(ssl_.get());
  error_ = verified != X509_V_OK ? verify_error(verified)
                                 : "tls: " + openssl_reason(ERR_peek_last_error());
  ERR_clear_error();
  client_.forget_session();
  return state_ = State::Failed;
}

size_t TlsSession::read(std::span<uint8_t> out) {
  if (state_ != State::Open) return 0;
  ERR_clear_error();
  size_t size = 0;
  const int result = SSL_read_ex(ssl_.get(), out.data(), out.size(), &size);
  if (result == 1) return size;
  fail(result);
  return 0;
}

bool TlsSession::write(std::span<const uint8_t> octets) {
  if (octets.empty()) return true;
  if (state_ != State::Open) return false;
  ERR_clear_error();
  size_t size = 0;
  const int result = SSL_write_ex(ssl_.get(), octets.data(), octets.size(), &size);
  if (result == 1) return true;
  fail(result);
  return false;
}

void TlsSession::end() {
  if (state_ != State::Open) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  state_ = State::Closed;
}

void TlsSession::take_output(std::vector<uint8_t>& out) {
  if (ssl_ == nullptr) return;
  BIO* bio = SSL_get_wbio(ssl_.get());
  const size_t size = BIO_ctrl_pending(bio);
  if (size == 0) return;
  out.resize(out.size() + size);
  BIO_read(bio, out.data() + out.size() - size, static_cast<int>(size));
}

bool TlsSession::resumed() const {
  return ssl_ != nullptr && SSL_session_reused(ssl_.get()) == 1;
}

}  // namespace fairlead::forward
