#include "test/unit/k8s-watch/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace fairlead::k8s_watch::test {
namespace {

std::shared_ptr<SSL_CTX> make_context(const HttpServer::Options& options) {
  if (options.cert_pem.empty()) return nullptr;
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const auto read = [](const std::string& pem, auto reader) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    auto* result = reader(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    return result;
  };
  X509* certificate = read(options.cert_pem, PEM_read_bio_X509);
  EVP_PKEY* key = read(options.key_pem, PEM_read_bio_PrivateKey);
  SSL_CTX_use_certificate(context.get(), certificate);
  SSL_CTX_use_PrivateKey(context.get(), key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (!options.client_ca_pem.empty()) {
    X509* ca = read(options.client_ca_pem, PEM_read_bio_X509);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ca);
    X509_free(ca);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

Request parse(const std::string& head) {
  Request request;
  const size_t begin = head.find(' ') + 1;
  request.method = head.substr(0, begin - 1);
  request.target = head.substr(begin, head.find(' ', begin) - begin);
  for (size_t at = head.find("\r\n") + 2; at < head.size();) {
    const size_t end = head.find("\r\n", at), colon = head.find(':', at);
    if (colon > end) break;
    std::string name = head.substr(at, colon - at);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    const size_t value = head.find_first_not_of(' ', colon + 1);
    request.headers[name] = head.substr(value, end - value);
    at = end + 2;
  }
  return request;
}

}  // namespace

long Peer::receive(char* data, size_t size) {
  return tls_ != nullptr ? SSL_read(tls_, data, static_cast<int>(size))
                         : ::recv(socket_, data, size, 0);
}

std::optional<Request> Peer::read() {
  std::array<char, 4096> piece;
  size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    const long size = receive(piece.data(), piece.size());
    if (size <= 0) return std::nullopt;
    buffer_.append(piece.data(), static_cast<size_t>(size));
  }
  Request request = parse(buffer_.substr(0, end + 2));
  buffer_.erase(0, end + 4);
  const auto length = request.headers.find("content-length");
  const size_t wanted = length == request.headers.end() ? 0 : std::stoul(length->second);
  while (buffer_.size() < wanted) {
    const long size = receive(piece.data(), piece.size());
    if (size <= 0) return std::nullopt;
    buffer_.append(piece.data(), static_cast<size_t>(size));
  }
  request.body = buffer_.substr(0, wanted);
  buffer_.erase(0, wanted);
  return request;
}

bool Peer::write(std::string_view octets) {
  while (!octets.empty()) {
    const long size = tls_ != nullptr
                          ? SSL_write(tls_, octets.data(), static_cast<int>(octets.size()))
                          : ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    octets.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

void Peer::wait_closed() {
  std::array<char, 4096> ignored;
  while (receive(ignored.data(), ignored.size()) > 0) {
  }
}

HttpServer::HttpServer(Script script, Options options)
    : script_(std::move(script)), secure_(!options.cert_pem.empty()), tls_(make_context(options)) {
  std::signal(SIGPIPE, SIG_IGN);
  const bool v6 = options.address.find(':') != std::string::npos;
  listener_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage storage{};
  socklen_t size = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  storage.ss_family = v6 ? AF_INET6 : AF_INET;
  void* address = v6 ? static_cast<void*>(&reinterpret_cast<sockaddr_in6&>(storage).sin6_addr)
                     : &reinterpret_cast<sockaddr_in&>(storage).sin_addr;
  inet_pton(storage.ss_family, options.address.c_str(), address);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&storage), size) != 0 ||
      ::listen(listener_, 64) != 0) {
    throw std::runtime_error("test server: " + std::string(std::strerror(errno)));
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&storage), &size);
  port_ = ntohs(v6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                   : reinterpret_cast<sockaddr_in&>(storage).sin_port);
  thread_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const Connection& connection : open_) {
      if (connection.open) ::shutdown(connection.socket, SHUT_RDWR);
    }
  }
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (Connection& connection : open_) connection.thread.join();
  ::close(listener_);
}

std::string HttpServer::url(const std::string& host) const {
  return (secure_ ? "https://" : "http://") + host + ":" + std::to_string(port_);
}

void HttpServer::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(socket);
      return;
    }
    ++connections_;
    Connection& connection = open_.emplace_back();
    connection.socket = socket;
    connection.thread = std::thread([this, &connection] { serve(connection); });
  }
}

void HttpServer::serve(Connection& connection) {
  std::unique_ptr<SSL, decltype(&SSL_free)> tls(secure_ ? SSL_new(tls_.get()) : nullptr, SSL_free);
  if (tls != nullptr) SSL_set_fd(tls.get(), connection.socket);
  if (tls == nullptr || SSL_accept(tls.get()) == 1) {
    Peer peer(connection.socket, tls.get());
    script_(peer);
    if (tls != nullptr) SSL_shutdown(tls.get());
  }
  const std::lock_guard lock(mutex_);
  connection.open = false;
  ::close(connection.socket);
}

std::string response(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Text\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunked_head(const std::string& headers) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Transfer-Encoding: chunked\r\n\r\n";
}

std::string chunk(const std::string& data) {
  std::array<char, 32> size;
  snprintf(size.data(), size.size(), "%zx\r\n", data.size());
  return size.data() + data + "\r\n";
}

}  // namespace fairlead::k8s_watch::test
