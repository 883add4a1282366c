// The two ends of a TLS connection without a socket between them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls_session.h"
#include "test/unit/support/certificates.h"

namespace fairlead::test {

using Octets = std::vector<uint8_t>;

inline net::Pem certificate_of(const Identity& identity) {
  return {.text = identity.certificate_pem()};
}

inline net::Pem key_of(const Identity& identity) {
  return {.text = identity.key_pem()};
}

inline std::span<const uint8_t> octets_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// A client and a server that hear each other when move() is called.
struct TlsPair {
  TlsPair(const net::TlsContext& client_context, const net::TlsContext& server_context,
          const std::string& name = "dns.x",
          std::shared_ptr<net::ResumableSession> resumable = nullptr)
      : client(client_context, name, std::move(resumable)), server(server_context) {}

  /// What `from` has to send comes to `to`, which appends what it understands to `heard`. Returns
  /// false when there was nothing.
  static bool pass(net::TlsSession& from, net::TlsSession& to, std::string& heard) {
    Octets octets;
    from.take_output(octets);
    for (size_t at = 0; at < octets.size(); at += kPiece) {
      to.receive(std::span(octets).subspan(at, std::min(kPiece, octets.size() - at)));
      listen(to, heard);
    }
    return !octets.empty();
  }

  static void listen(net::TlsSession& session, std::string& heard) {
    session.advance();
    Octets plain(1000);
    while (const size_t size = session.read(plain))
      heard.append(plain.begin(), plain.begin() + static_cast<long>(size));
  }

  /// Until neither has anything to send.
  void move() {
    client.advance();
    bool moved = true;
    while (moved) {
      moved = pass(client, server, heard_by_server);
      moved = pass(server, client, heard_by_client) || moved;
    }
  }

  [[nodiscard]] bool open() const {
    return client.state() == net::TlsSession::State::Open &&
           server.state() == net::TlsSession::State::Open;
  }

  static constexpr size_t kPiece = size_t{16} * 1024;
  net::TlsSession client, server;
  std::string heard_by_client, heard_by_server;
};

}  // namespace fairlead::test
