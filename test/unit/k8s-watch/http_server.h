// A scripted HTTP/1.1 server on a loopback port of the kernel's choice, for tests. Every connection
// has a thread of its own, on which the script reads requests and writes whatever octets it likes.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace fairlead::k8s_watch::test {

struct Request {
  std::string method, target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // as long as Content-Length says
};

class Peer {
 public:
  Peer(int socket, SSL* tls) : socket_(socket), tls_(tls) {}

  /// The next request; empty when the client closed.
  std::optional<Request> read();
  bool write(std::string_view octets);
  /// Until the client or the server's end closes the connection.
  void wait_closed();

 private:
  long receive(char* data, size_t size);

  int socket_;
  SSL* tls_;  // null without TLS
  std::string buffer_;
};

class HttpServer {
 public:
  using Script = std::function<void(Peer&)>;
  struct Options {
    std::string address = "127.0.0.1";
    std::string cert_pem, key_pem;  // TLS when set
    std::string client_ca_pem;      // a client certificate is required when set
  };

  explicit HttpServer(Script script) : HttpServer(std::move(script), Options{}) {}
  HttpServer(Script script, Options options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::string url(const std::string& host = "127.0.0.1") const;
  [[nodiscard]] int connections() const { return connections_; }

 private:
  struct Connection {
    int socket = -1;
    bool open = true;
    std::thread thread;
  };

  void accept_all();
  void serve(Connection& connection);

  const Script script_;
  const bool secure_;
  std::shared_ptr<SSL_CTX> tls_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;  // guards open_, stopping_
  std::list<Connection> open_;
  bool stopping_ = false;
  std::thread thread_;
};

/// A complete response with Content-Length. `headers`: whole lines, each with its line end.
std::string response(int status, const std::string& body, const std::string& headers = "");
/// The head of a response that goes on in chunks.
std::string chunked_head(const std::string& headers = "");
/// One chunk; the empty one ends the body.
std::string chunk(const std::string& data);

}  // namespace fairlead::k8s_watch::test
