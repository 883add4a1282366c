#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <stdexcept>

#include "dns/address.h"
#include "net/resumable_session.h"

namespace fairlead::net {
namespace {

// Where distributions keep the certificates that everybody trusts, in one file.
constexpr const char* kSystemBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
};

// What callbacks need, with the life of OpenSSL's object: that may be longer than TlsContext's.
struct ContextData {
  std::string peer = "client";
  bool common_name = false;
  std::string alpn;  // as it is sent: each name behind its length
  std::shared_ptr<TicketKeys> tickets;
  std::shared_ptr<const FileDescriptor> key_log;
};

// OpenSSL says what a callback is given, however much that is.
// NOLINTNEXTLINE(readability-function-size)
void free_data(void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<ContextData*>(data);
}

// Not OpenSSL's "app data", which Asio takes for its own.
int data_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_data);
  return index;
}

const ContextData& data_of(SSL* ssl) {
  return *static_cast<const ContextData*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), data_index()));
}

void attach(SSL_CTX* context, ContextData data) {
  auto owned = std::make_unique<ContextData>(std::move(data));
  if (SSL_CTX_set_ex_data(context, data_index(), owned.get()) != 1) {
    throw std::runtime_error("tls: out of memory");
  }
  static_cast<void>(owned.release());
}

std::string alpn_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255) throw std::runtime_error("tls: bad ALPN name: " + name);
    list += static_cast<char>(name.size());
    list += name;
  }
  return list;
}

const unsigned char* octets_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// As in Go, SSL_CERT_FILE stands in place of the bundle and SSL_CERT_DIR adds a folder. The former
// is read here: OpenSSL does not look at it when the program has capabilities from its file.
void trust_system(SSL_CTX* context) {
  const char* named = std::getenv("SSL_CERT_FILE");  // NOLINT(concurrency-mt-unsafe)
  bool found = false;
  if (named != nullptr && *named != '\0') {
    found = SSL_CTX_load_verify_file(context, named) == 1;
  } else {
    for (const char* bundle : kSystemBundles) {
      found = found || SSL_CTX_load_verify_file(context, bundle) == 1;
    }
  }
  const bool is_folder_wanted =
      !found || std::getenv("SSL_CERT_DIR") != nullptr;  // NOLINT(concurrency-mt-unsafe)
  if (is_folder_wanted && SSL_CTX_set_default_verify_paths(context) != 1) {
    refuse("system's CAs", {});
  }
  ERR_clear_error();
}

std::string fingerprint(const X509* certificate) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()), &size);
  digest.resize(size);
  return digest;
}

std::vector<Certificate> trust(SSL_CTX* context, const Pem& ca, bool trust_intermediate) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  std::vector<Certificate> authorities = read_authorities(ca);
  for (const Certificate& certificate : authorities) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) refuse("CA", ca);
  }
  if (trust_intermediate) X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  return authorities;
}

// Returns what tells one certificate from another.
std::string show(SSL_CTX* context, const Pem& certificate, const Pem& key) {
  if (certificate.empty() || key.empty()) {
    throw std::runtime_error("tls: a certificate and its key must be given together");
  }
  const std::vector<Certificate> chain = read_chain(certificate);
  if (SSL_CTX_use_certificate(context, chain[0].get()) != 1) refuse("certificate", certificate);
  for (size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) refuse("certificate", certificate);
  }
  const PrivateKey own = read_private_key(key);
  if (SSL_CTX_use_PrivateKey(context, own.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    refuse("key", key);
  }
  return fingerprint(chain[0].get());
}

std::string digest_of(const std::string& text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  auto* octets = reinterpret_cast<unsigned char*>(digest.data());
  EVP_Digest(text.data(), text.size(), octets, &size, EVP_sha256(), nullptr);
  digest.resize(size);
  return digest;
}

// Everything that a server has to stand up to, or is shown.
std::string client_identity(SSL_CTX* context, const ClientTls& settings) {
  std::string all;
  for (const bool flag : {settings.verify, settings.trust_intermediate, settings.common_name})
    all += flag ? '1' : '0';
  const STACK_OF(X509_OBJECT)* known = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
  for (int i = 0; i < sk_X509_OBJECT_num(known); ++i) {
    const X509* authority = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(known, i));
    if (authority != nullptr) all += fingerprint(authority);
  }
  all += '|';
  const X509* own = SSL_CTX_get0_certificate(context);
  if (own != nullptr) all += fingerprint(own);
  return digest_of(all);
}

int accept_nobody(int, X509_STORE_CTX*) {
  return 0;
}

int accept_anybody(X509_STORE_CTX* verification, void*) {
  X509_STORE_CTX_set_error(verification, X509_V_OK);
  return 1;
}

// NOLINTNEXTLINE(readability-function-size)
int choose_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  const std::string& ours = data_of(ssl).alpn;
  // Points into `ours` afterwards, which lives as long as the connection.
  unsigned char* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, out_size, octets_of(ours),
                            static_cast<unsigned int>(ours.size()), offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// NOLINTNEXTLINE(readability-function-size)
int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                   EVP_MAC_CTX* mac, int encrypts) {
  TicketKeys& keys = *data_of(ssl).tickets;
  const TicketKeys::Ticket ticket{std::span<uint8_t, 16>(name, 16), std::span<uint8_t, 16>(iv, 16),
                                  cipher, mac};
  const auto now = TicketKeys::Clock::now();
  if (encrypts == 1) return keys.protect(ticket, now);
  const TicketKeys::Outcome outcome = keys.open(ticket, now);
  // A ticket of TLS 1.3 should be used once (RFC 8446 C.4): the client is given another.
  const bool renew = outcome == TicketKeys::Usable && SSL_version(ssl) >= TLS1_3_VERSION;
  return renew ? TicketKeys::ToBeRenewed : outcome;
}

// One write for each line, so that those of several threads do not mix.
void write_key_log(const SSL* ssl, const char* line) {
  const auto* data =
      static_cast<const ContextData*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), data_index()));
  const std::string text = std::string(line) + '\n';
  static_cast<void>(!::write(data->key_log->get(), text.data(), text.size()));
}

void set_client_auth(SSL_CTX* context, ClientAuth auth) {
  if (auth == ClientAuth::None) return;
  const bool required = auth == ClientAuth::Require || auth == ClientAuth::RequireAndVerify;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  if (auth == ClientAuth::Request || auth == ClientAuth::Require) {
    SSL_CTX_set_cert_verify_callback(context, accept_anybody, nullptr);
  }
}

void set_resumption(SSL_CTX* context, const ServerTls& settings, const std::string& identity) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (settings.tickets == nullptr) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    return;
  }
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_ticket_key);
  // Or else a session would carry a client past the certificate that another server did not ask
  // for.
  const std::string digest = digest_of(identity);
  if (SSL_CTX_set_session_id_context(context, octets_of(digest),
                                     static_cast<unsigned int>(digest.size())) != 1) {
    throw std::runtime_error("tls: out of memory");
  }
}

void set_limits(SSL_CTX* context, const ServerTls& settings) {
  if (SSL_CTX_set_min_proto_version(context, settings.min_version) != 1 ||
      SSL_CTX_set_max_proto_version(context, settings.max_version) != 1) {
    refuse("versions", {});
  }
  if (!settings.ciphers.empty() && SSL_CTX_set_cipher_list(context, settings.ciphers.c_str()) != 1)
    refuse("cipher suites", {});
  if (!settings.groups.empty() && SSL_CTX_set1_groups_list(context, settings.groups.c_str()) != 1)
    refuse("groups", {});
  if (settings.server_order) SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
}

// Go's words for the cases that are met in practice.
std::string refused_certificate(long result, const std::string& peer) {
  switch (result) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return "certificate signed by unknown authority";
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "certificate has expired or is not yet valid";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "certificate is not valid for the " + peer + "'s name";
    default:
      return X509_verify_cert_error_string(result);
  }
}

}  // namespace

void SslFree::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

void SslFree::operator()(SSL* ssl) const {
  SSL_free(ssl);
}

void SslFree::operator()(SSL_SESSION* session) const {
  SSL_SESSION_free(session);
}

TlsContext::TlsContext(bool is_server)
    : context_(SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method())),
      is_server_(is_server) {
  if (context_ == nullptr) throw std::runtime_error("tls: out of memory");
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context_.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
}

std::shared_ptr<const TlsContext> TlsContext::client(const ClientTls& settings) {
  std::shared_ptr<TlsContext> made(new TlsContext(false));
  SSL_CTX* context = made->native();
  attach(context, {.peer = settings.peer, .common_name = settings.common_name});
  if (SSL_CTX_set_min_proto_version(context, settings.min_version) != 1) refuse("versions", {});
  SSL_CTX_set_verify(context, settings.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (settings.verify) {
    if (settings.ca.empty()) {
      trust_system(context);
    } else {
      trust(context, settings.ca, settings.trust_intermediate);
    }
  }
  if (!settings.certificate.empty() || !settings.key.empty()) {
    show(context, settings.certificate, settings.key);
  }
  made->identity_ = client_identity(context, settings);
  const std::string alpn = alpn_list(settings.alpn);
  // Returns 0 for success, unlike its neighbours.
  if (!alpn.empty() && SSL_CTX_set_alpn_protos(context, octets_of(alpn),
                                               static_cast<unsigned int>(alpn.size())) != 0) {
    throw std::runtime_error("tls: bad ALPN names");
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, ResumableSession::on_session);
  return made;
}

std::shared_ptr<const TlsContext> TlsContext::server(const ServerTls& settings) {
  std::shared_ptr<const TlsContext> made(new TlsContext(true));
  SSL_CTX* context = made->native();
  attach(
      context,
      {.alpn = alpn_list(settings.alpn), .tickets = settings.tickets, .key_log = settings.key_log});
  std::string identity(1, static_cast<char>(settings.client_auth));
  identity += show(context, settings.certificate, settings.key);
  if (!settings.client_ca.empty()) {
    for (const Certificate& known : trust(context, settings.client_ca, true)) {
      identity += fingerprint(known.get());
      SSL_CTX_add_client_CA(context, known.get());  // clients are told whom the server knows
    }
  } else if (settings.client_auth >= ClientAuth::VerifyIfGiven) {
    trust_system(context);
  }
  set_client_auth(context, settings.client_auth);
  set_limits(context, settings);
  if (!settings.alpn.empty()) SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  set_resumption(context, settings, identity);
  if (settings.key_log != nullptr) SSL_CTX_set_keylog_callback(context, write_key_log);
  return made;
}

SSL_CTX* TlsContext::share() const {
  SSL_CTX_up_ref(native());
  return native();
}

std::chrono::system_clock::time_point TlsContext::valid_until() const {
  const X509* certificate = SSL_CTX_get0_certificate(native());
  std::tm time{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) {
    return {};
  }
  return std::chrono::system_clock::from_time_t(::timegm(&time));
}

bool expect_server(SSL* ssl, const std::string& name_or_address) {
  std::string name = name_or_address;
  if (name.ends_with('.')) name.pop_back();
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(
      expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                    (data_of(ssl).common_name ? 0U : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT));
  bool told = !name.empty();  // OpenSSL takes an empty name for "any"
  if (told && dns::IpAddress::from_text(name)) {
    told = X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1;
  } else if (told) {
    told = X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size()) == 1 &&
           SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
  }
  if (!told && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE) {
    SSL_set_verify(ssl, SSL_VERIFY_PEER, accept_nobody);
  }
  return told;
}

std::string handshake_error(SSL* ssl, const std::string& otherwise) {
  const long result = SSL_get_verify_result(ssl);
  if (result == X509_V_OK || SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE) {
    return "tls: " + otherwise;
  }
  return "tls: failed to verify certificate: x509: " +
         refused_certificate(result, data_of(ssl).peer);
}

}  // namespace fairlead::net
