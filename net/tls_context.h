// What all TLS connections of one kind have in common: whom they trust, who they are, what they
// speak. For both ends, TLS 1.2 and newer.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/file_descriptor.h"
#include "net/pem.h"
#include "net/ticket_keys.h"

namespace fairlead::net {

struct ClientTls {
  Pem ca;                           // whom to trust; empty: whom the system trusts, or
                                    // SSL_CERT_FILE in its place
  bool trust_intermediate = false;  // a CA of `ca` ends the chain though another one signed it
  bool verify = true;               // false: any certificate will do
  bool common_name = false;         // counts where a certificate has no names (RFC 9525 forbids it)
  Pem certificate, key;             // shown when asked for; both or neither
  std::vector<std::string> alpn;    // protocols to offer, the best first (RFC 7301); empty: none
  int min_version = TLS1_2_VERSION;  // or TLS1_3_VERSION
  std::string peer = "server";       // what error texts call the other end
};

/// Which certificate a server wants of its clients; the words of CoreDNS's tls plugin.
enum class ClientAuth : uint8_t {
  None,              // none
  Request,           // any, or none
  Require,           // any
  VerifyIfGiven,     // one that `client_ca` signed, or none
  RequireAndVerify,  // one that `client_ca` signed
};

struct ServerTls {
  Pem certificate, key;  // the certificate with what is above it
  ClientAuth client_auth = ClientAuth::None;
  Pem client_ca;                        // empty: whom the system trusts
  std::vector<std::string> alpn;        // the best first; a client that offers none of them, but
                                        // others, is refused (RFC 7301 §3.2); empty: not looked at
  std::shared_ptr<TicketKeys> tickets;  // null: no session is resumed
  int min_version = TLS1_2_VERSION;     // or TLS1_3_VERSION
  int max_version = 0;                  // likewise; 0: the newest
  std::string ciphers;        // of TLS 1.2, in OpenSSL's words, the best first; empty: its own
  std::string groups;         // of the key exchange, likewise
  bool server_order = false;  // the order of `ciphers` counts, not that of the client
  std::shared_ptr<const FileDescriptor>
      key_log;  // for who looks at packets: secrets of sessions are written to it; null: nowhere
};

struct SslFree {
  void operator()(SSL_CTX* context) const;
  void operator()(SSL* ssl) const;
  void operator()(SSL_SESSION* session) const;
};

/// Constant once made, so any thread may make connections from it. They keep what they need: none
/// depends on the object's life. Files are read while it is made, and only then; only a folder of
/// the system's CAs (where it has no file of them, or SSL_CERT_DIR) is looked into at handshakes.
class TlsContext {
 public:
  /// Both throw std::runtime_error "tls: …" with the file's name and the reason, never with
  /// anything out of a file.
  static std::shared_ptr<const TlsContext> client(const ClientTls& settings);

  /// Tickets are only good at a server with the same certificate, client_auth and client_ca,
  /// whoever else has the same keys for them.
  static std::shared_ptr<const TlsContext> server(const ServerTls& settings);

  /// OpenSSL's object. It stays the context's, and must not be changed.
  [[nodiscard]] SSL_CTX* native() const { return context_.get(); }

  /// The same, with a reference that is the caller's: for asio::ssl::context, which frees it.
  [[nodiscard]] SSL_CTX* share() const;

  [[nodiscard]] bool is_server() const { return is_server_; }

  /// Of a client: which servers it believes and who it is, as a digest. What one has learnt of a
  /// server holds for another one with the same. A folder of the system's CAs is taken for what it
  /// always was.
  [[nodiscard]] const std::string& identity() const { return identity_; }

  /// Until when the certificate that is shown may be used; the epoch when none is.
  [[nodiscard]] std::chrono::system_clock::time_point valid_until() const;

 private:
  explicit TlsContext(bool is_server);

  std::unique_ptr<SSL_CTX, SslFree> context_;
  bool is_server_;
  std::string identity_;
};

/// Before a client's handshake: which server it must meet. A name is sent (SNI) without its final
/// dot, an address is not; the certificate must carry it. Where it cannot be set the handshake will
/// fail, and so does this. `ssl` was made from a TlsContext.
bool expect_server(SSL* ssl, const std::string& name_or_address);

/// Why a handshake failed, on one line, in Go's words: "tls: failed to verify certificate: x509: …"
/// when the other end's certificate was refused, else "tls: OTHERWISE".
std::string handshake_error(SSL* ssl, const std::string& otherwise);

}  // namespace fairlead::net
