#include "http/connection.h"

#include <algorithm>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

#include "net/peer_names.h"

namespace fairlead::http {

namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::seconds kRequestTime{10};
constexpr std::chrono::seconds kIdleTime{60};
constexpr uint32_t kHeaderLimit = 8 * 1024;
constexpr uint64_t kBodyLimit = 4096;

using Plain = beast::tcp_stream;
using Tls = asio::ssl::stream<beast::tcp_stream>;

HttpReply no_such_path() {
  return {404, "404 page not found\n"};
}

Plain& lowest(Plain& stream) {
  return stream;
}

Plain& lowest(Tls& stream) {
  return stream.next_layer();
}

template <class Stream>
class ConnectionOver : public Connection,
                       public std::enable_shared_from_this<ConnectionOver<Stream>> {
 public:
  ConnectionOver(Stream stream, std::shared_ptr<Listener> listener, std::shared_ptr<Shared> shared,
                 std::shared_ptr<const Rules> rules)
      : stream_(std::move(stream)),
        listener_(std::move(listener)),
        shared_(std::move(shared)),
        rules_(std::move(rules)) {}

  ~ConnectionOver() override {
    shared_->connections.remove_if([](const auto& other) { return other.expired(); });
  }
  ConnectionOver(const ConnectionOver&) = delete;
  ConnectionOver& operator=(const ConnectionOver&) = delete;

  void start() {
    if constexpr (std::is_same_v<Stream, Tls>) {
      waiting_since_ = Clock::now();
      lowest(stream_).expires_after(kRequestTime);
      stream_.async_handshake(
          asio::ssl::stream_base::server,
          [self = this->shared_from_this()](error_code error) { self->on_handshake(error); });
    } else {
      read(kRequestTime);
    }
  }

  [[nodiscard]] std::optional<Clock::time_point> waiting_since() const override {
    return waiting_since_;
  }

  void close() override {
    error_code ignored;
    lowest(stream_).socket().close(ignored);
  }

 private:
  void on_handshake(error_code error) {
    if constexpr (std::is_same_v<Stream, Tls>) {
      const std::vector<std::string>& names = rules_->client_names;
      if (error) return close();
      if (!names.empty() && !net::shows_any_of(stream_.native_handle(), names)) return close();
      read(kRequestTime);
    }
  }

  void read(std::chrono::seconds limit) {
    waiting_since_ = Clock::now();
    parser_.emplace();
    parser_->header_limit(kHeaderLimit);
    parser_->body_limit(kBodyLimit);
    lowest(stream_).expires_after(limit);
    beast::http::async_read(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](error_code error, size_t) { self->on_read(error); });
  }

  void on_read(error_code error) {
    if (!error) return on_request();
    const bool ended =
        error == beast::http::error::end_of_stream || error == beast::http::error::partial_message;
    const bool not_http =
        error.category() == make_error_code(beast::http::error::bad_method).category();
    if (ended || !not_http) return close();
    // What was sent is not HTTP, or too much of it: say so and part.
    keep_alive_ = false;
    version_ = 11;
    head_ = false;
    reply({400, "400 Bad Request\n"});
  }

  void on_request() {
    const auto& request = parser_->get();
    waiting_since_.reset();
    keep_alive_ = request.keep_alive();
    version_ = request.version();
    head_ = request.method() == beast::http::verb::head;
    Guard* const guard = listener_->guard.get();
    if (guard != nullptr) guard->refresh();
    rules_ = guard != nullptr ? guard->rules() : nullptr;
    if (!may_go_on()) return close();
    if (guard == nullptr) return reply(answer());
    if (!guard->admit()) return reply({429, "Too Many Requests\n"});
    if (rules_->users.empty()) return reply(answer());
    const auto said = request[beast::http::field::authorization];
    Credentials credentials;
    if (!read_credentials({said.data(), said.size()}, credentials)) return reply(not_authorized());
    // Meanwhile nothing is read or written; the deadline that runs out then is the next one's.
    lowest(stream_).expires_never();
    shared_->passwords.check(*rules_, credentials, [self = this->shared_from_this()](bool right) {
      self->reply(right ? self->answer() : not_authorized());
    });
  }

  /// A connection that was made under other rules may not: not without TLS where TLS is wanted now.
  [[nodiscard]] bool may_go_on() const {
    if (listener_->guard != nullptr && rules_ == nullptr) return false;
    const bool wants_tls = rules_ != nullptr && rules_->tls != nullptr;
    return wants_tls == std::is_same_v<Stream, Tls>;
  }

  static HttpReply not_authorized() { return {401, "Unauthorized\n"}; }

  HttpReply answer() {
    const auto& request = parser_->get();
    std::string path(request.target());
    path.resize(std::min(path.size(), path.find('?')));
    const auto found = listener_->paths.find(path);
    if (found == listener_->paths.end()) return no_such_path();
    if (!head_ && request.method() != beast::http::verb::get)
      return {405, "405 method not allowed\n"};
    return found->second();
  }

  void reply(HttpReply what) {
    waiting_since_.reset();
    response_.emplace(static_cast<beast::http::status>(what.status), version_);
    if (rules_ != nullptr) {
      for (const auto& [name, value] : rules_->headers) response_->set(name, value);
    }
    response_->set(beast::http::field::content_type, what.content_type);
    if (what.status == 405) response_->set(beast::http::field::allow, "GET, HEAD");
    if (what.status == 401) response_->set(beast::http::field::www_authenticate, "Basic");
    if (!what.location.empty()) response_->set(beast::http::field::location, what.location);
    response_->keep_alive(keep_alive_);
    response_->content_length(what.body.size());
    if (!head_) response_->body() = std::move(what.body);
    lowest(stream_).expires_after(kRequestTime);
    // A serializer of our own, because the length of a reply to HEAD is that of a body it does not
    // have.
    serializer_.emplace(*response_);
    beast::http::async_write(
        stream_, *serializer_,
        [self = this->shared_from_this()](error_code error, size_t) { self->on_written(error); });
  }

  void on_written(error_code error) {
    const bool listening = listener_->acceptor.is_open();
    if (!error && keep_alive_ && listening) return read(kIdleTime);
    if (error) return close();
    if constexpr (std::is_same_v<Stream, Tls>) {
      // The other end may take its time to say goodbye too: it is not waited for.
      lowest(stream_).expires_after(std::chrono::seconds(1));
      stream_.async_shutdown([self = this->shared_from_this()](error_code) { self->close(); });
    } else {
      stream_.socket().shutdown(tcp::socket::shutdown_send, error);
      close();
    }
  }

  Stream stream_;
  std::shared_ptr<Listener> listener_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<const Rules> rules_;
  beast::flat_buffer buffer_{kHeaderLimit + kBodyLimit};
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  std::optional<beast::http::response<beast::http::string_body>> response_;
  std::optional<beast::http::response_serializer<beast::http::string_body>> serializer_;
  std::optional<Clock::time_point> waiting_since_;
  bool keep_alive_ = false;
  bool head_ = false;
  unsigned version_ = 11;
};

template <class Stream>
void serve(Stream stream, const std::shared_ptr<Listener>& listener,
           const std::shared_ptr<Shared>& shared, std::shared_ptr<const Rules> rules) {
  const auto connection = std::make_shared<ConnectionOver<Stream>>(std::move(stream), listener,
                                                                   shared, std::move(rules));
  shared->connections.push_back(connection);
  connection->start();
}

}  // namespace

void start_connection(tcp::socket socket, const std::shared_ptr<Listener>& listener,
                      const std::shared_ptr<Shared>& shared) {
  std::shared_ptr<const Rules> rules;
  if (listener->guard) {
    listener->guard->refresh();
    rules = listener->guard->rules();
    if (rules == nullptr) return;  // nobody may ask until there are some
  }
  if (rules == nullptr || rules->tls == nullptr)
    return serve(Plain(std::move(socket)), listener, shared, std::move(rules));
  asio::ssl::context context(rules->tls->share());  // the stream keeps what it needs of it
  serve(Tls(Plain(std::move(socket)), context), listener, shared, std::move(rules));
}

}  // namespace fairlead::http
