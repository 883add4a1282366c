// An upstream of DNS over HTTPS on a free loopback port, for the tests of connections to one.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/tls_context.h"
#include "test/unit/forward/http2_server.h"
#include "test/unit/forward/stream_server.h"
#include "test/unit/support/certificates.h"

namespace fairlead::forward {

/// Speaks what its ALPN name says: "h2", else HTTP/1.1 ("": it knows nothing of ALPN).
class HttpsServer {
 public:
  /// One whole request of HTTP/2; `connection` counts from 0. Called on the connection's thread.
  using OnRequest =
      std::function<void(Http2Server& http, const Http2Server::Request&, size_t connection)>;
  /// What is said to a request of HTTP/1.1; empty: nothing, and nothing more.
  using OnText = std::function<std::string(const Octets& body, size_t connection)>;

  HttpsServer(const test::Identity& authority, std::string alpn, const std::string& names)
      : alpn_(std::move(alpn)),
        identity_(test::make_identity("upstream", names, &authority)),
        context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_.get(), identity_.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), identity_.key.get());
    const unsigned char id[] = "fairlead";
    SSL_CTX_set_session_id_context(context_.get(), id, sizeof id - 1);
    if (!alpn_.empty()) SSL_CTX_set_alpn_select_cb(context_.get(), choose, this);
  }

  /// Set before the first connection.
  OnRequest on_request = [](Http2Server& http, const Http2Server::Request& request, size_t) {
    http.reply(request.stream, {.body = answer_to(request.body)});
  };
  OnText on_text = [](const Octets& body, size_t) { return text_reply(answer_to(body)); };
  std::vector<nghttp2_settings_entry> settings;
  std::atomic<int> handshakes{0}, resumptions{0}, requests{0};

  /// The question with QR: no error, no records.
  static Octets answer_to(Octets question) {
    if (question.size() > 2) question[2] |= 0x80;
    return question;
  }

  static std::string text_reply(const Octets& body, const std::string& more = "") {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n" + more + "\r\n" +
           std::string(body.begin(), body.end());
  }

  [[nodiscard]] UpstreamSettings upstream() const {
    UpstreamSettings settings_of = server_->upstream();
    settings_of.transport = Transport::Https;
    return settings_of;
  }
  [[nodiscard]] size_t accepted() const { return server_->accepted(); }

  void start() {
    server_ = std::make_unique<StreamServer>(
        std::vector<StreamServer::Script>{[this](ServerEnd& end) { serve(end); }});
  }

 private:
  // NOLINTNEXTLINE(readability-function-size): OpenSSL says what a callback is given
  static int choose(SSL*, const unsigned char** out, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void* self) {
    const std::string& own = static_cast<HttpsServer*>(self)->alpn_list_;
    unsigned char* chosen = nullptr;
    const int result =
        SSL_select_next_proto(&chosen, size, reinterpret_cast<const unsigned char*>(own.data()),
                              static_cast<unsigned int>(own.size()), offered, offered_size);
    *out = chosen;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
  }

  void serve(ServerEnd& end) {
    const size_t connection = connections_++;
    const std::unique_ptr<SSL, net::SslFree> ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), end.socket());
    if (SSL_accept(ssl.get()) == 1) {
      ++handshakes;
      if (SSL_session_reused(ssl.get()) == 1) ++resumptions;
      alpn_ == "h2" ? serve_http2(ssl.get(), connection) : serve_http1(ssl.get(), connection);
      SSL_shutdown(ssl.get());
    }
    ERR_clear_error();
  }

  static bool write(SSL* ssl, const char* octets, size_t size) {
    return size == 0 || SSL_write(ssl, octets, static_cast<int>(size)) > 0;
  }

  void serve_http2(SSL* ssl, size_t connection) {
    Http2Server http(settings);
    for (;;) {
      const Octets said = http.output();
      if (!write(ssl, reinterpret_cast<const char*>(said.data()), said.size())) return;
      if (http.is_over()) return;
      uint8_t octets[4096];
      const int size = SSL_read(ssl, octets, sizeof octets);
      if (size <= 0) return;
      http.receive({octets, static_cast<size_t>(size)});
      for (const auto& request : http.take_requests()) {
        ++requests;
        on_request(http, request, connection);
      }
    }
  }

  void serve_http1(SSL* ssl, size_t connection) {
    std::string said;
    for (;;) {
      char octets[4096];
      const int size = SSL_read(ssl, octets, sizeof octets);
      if (size <= 0) return;
      said.append(octets, static_cast<size_t>(size));
      const size_t body = said.find("\r\n\r\n");
      const size_t field = said.find("Content-Length: ");
      if (body == std::string::npos || field == std::string::npos) continue;
      const size_t length = std::stoul(said.substr(field + 16));
      if (said.size() < body + 4 + length) continue;
      ++requests;
      const Octets question(said.begin() + static_cast<ptrdiff_t>(body) + 4, said.end());
      said.clear();
      const std::string reply = on_text(question, connection);
      if (!write(ssl, reply.data(), reply.size())) return;
      if (reply.find("Connection: close") != std::string::npos) return;
    }
  }

  const std::string alpn_;
  const std::string alpn_list_ = static_cast<char>(alpn_.size()) + alpn_;
  const test::Identity identity_;
  const std::unique_ptr<SSL_CTX, net::SslFree> context_;
  std::atomic<size_t> connections_{0};
  std::unique_ptr<StreamServer> server_;  // the last: its threads use the others
};

}  // namespace fairlead::forward
