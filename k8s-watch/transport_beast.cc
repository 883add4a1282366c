// The API transport on Boost.Beast: HTTP/1.1, one response at a time per connection, one idle
// connection kept.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "net/asio.h"
// Beast comes behind Asio.
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "k8s-watch/connection.h"
#include "k8s-watch/inflate.h"
#include "k8s-watch/transport.h"
#include "net/quietly.h"

namespace fairlead::k8s_watch {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr auto kOpenTimeout = std::chrono::seconds(10);
constexpr const char* kReading = "reading the response";
constexpr size_t kHeadLimit = 65536;
// The parser itself sets no limit to a chunk's extensions and the trailer.
constexpr size_t kBufferLimit = 2 * kHeadLimit;

// The one connection that waits for its next request.
struct Kept {
  std::shared_ptr<Connection> connection;
};

// A request and its response. Keeps itself alive by the handlers it has given out; `sink_` is null
// once it is over.
class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(asio::io_context& io, std::shared_ptr<const Destination> destination,
       std::shared_ptr<Kept> kept)
      : io_(io), destination_(std::move(destination)), kept_(std::move(kept)), timer_(io) {}

  void start(HttpRequest request, HttpSink& sink) {
    sink_ = &sink;
    limits_ = std::move(request);
    const auto verb = limits_.body.empty() ? http::verb::get : http::verb::post;
    request_ = http::request<http::string_body>(verb, destination_->url.path + limits_.target, 11);
    request_.set(http::field::host, destination_->url.authority());
    if (!limits_.body.empty()) {
      request_.set(http::field::content_type, "application/json");
      request_.body() = std::move(limits_.body);
      request_.prepare_payload();
    }
    for (const auto& [name, value] : limits_.headers) request_.set(name, value);
    watch_the_clock();
    // Not at once: no callback may come from within send().
    asio::post(io_, [self = shared_from_this()] { self->begin(); });
  }

  void cancel() {
    sink_ = nullptr;
    timer_.cancel();
    if (connection_ != nullptr) connection_->close();
  }

 private:
  using Step = void (Call::*)();

  void begin() {
    if (sink_ == nullptr) return;
    connection_ = std::move(kept_->connection);
    kept_->connection.reset();
    reused_ = connection_ != nullptr;
    if (reused_) return send();
    set_deadline(kOpenTimeout, "no connection");
    connection_ = std::make_shared<Connection>(io_, destination_);
    connection_->open([self = shared_from_this()](const std::string& error) {
      if (self->sink_ == nullptr) return;
      if (!error.empty()) return self->finish(error);
      self->send();
    });
  }

  void send() {
    set_deadline(limits_.head_timeout, "no response");
    buffer_.clear();
    parser_.emplace();
    parser_->header_limit(kHeadLimit);
    // Boost 1.74 takes "no limit" for a limit of nothing.
    parser_->body_limit(std::numeric_limits<uint64_t>::max());
    http::async_write(*connection_, request_,
                      [self = shared_from_this()](error_code error, size_t) {
                        self->next(error, "sending", &Call::read_head);
                      });
  }

  void read_head() {
    http::async_read_header(*connection_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, size_t) {
                              self->next(error, kReading, &Call::take_head);
                            });
  }

  void take_head() {
    reused_ = false;  // from here on a failure belongs to this request
    HttpHead head;
    head.status = static_cast<int>(parser_->get().result_int());
    head.retry_after = std::string(parser_->get()[http::field::retry_after]);
    head.content_type = std::string(parser_->get()[http::field::content_type]);
    const auto encoding = parser_->get()[http::field::content_encoding];
    if (boost::beast::iequals(encoding, "gzip")) inflater_ = std::make_unique<Inflater>();
    // An eager parser goes on into the next chunk's head, and the read then waits for it before it
    // tells of this chunk.
    parser_->eager(false);
    idle();
    sink_->on_head(head);
    if (sink_ == nullptr) return;
    take_body();
  }

  // All that has arrived is taken before more is read: an API server cuts a list into chunks of
  // 2 kB, and a turn of the event loop for each would cost more than what is in it.
  void take_body() {
    while (!parser_->is_done()) {
      error_code error;
      const std::string_view piece = parse(error);
      const bool goes_on = deliver(piece) && sink_ != nullptr;
      if (!goes_on) return;
      if (error == http::error::need_more) return read_body();
      if (error) return next(error, kReading, nullptr);
    }
    complete();
  }

  // The next piece of the body that is in the buffer.
  std::string_view parse(error_code& error) {
    auto& body = parser_->get().body();
    body.data = body_.data();
    body.size = body_.size();
    body.more = true;
    if (buffer_.size() == 0) {
      error = http::error::need_more;
      return {};
    }
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error == http::error::need_buffer) error = {};
    return {body_.data(), body_.size() - body.size};
  }

  void read_body() {
    const size_t room = std::min(body_.size(), buffer_.max_size() - buffer_.size());
    if (room == 0) return next(http::error::buffer_overflow, kReading, nullptr);
    connection_->async_read_some(buffer_.prepare(room),
                                 [self = shared_from_this()](error_code error, size_t size) {
                                   self->buffer_.commit(size);
                                   if (error == asio::error::eof)
                                     self->parser_->put_eof(error = {});
                                   self->next(error, kReading, &Call::take_more);
                                 });
  }

  void take_more() {
    idle();
    take_body();
  }

  // False when the request has ended meanwhile.
  bool deliver(std::string_view octets) {
    if (octets.empty()) return true;
    if (inflater_ == nullptr) {
      sink_->on_body(octets);
      return sink_ != nullptr;
    }
    const bool good = inflater_->feed(octets, [this](std::string_view plain) {
      sink_->on_body(plain);
      return sink_ != nullptr;
    });
    if (sink_ != nullptr && !good) finish("the gzip body is damaged");
    return sink_ != nullptr;
  }

  void complete() {
    if (inflater_ != nullptr && !inflater_->complete()) return finish("the gzip body is cut short");
    if (parser_->keep_alive() && buffer_.size() == 0) kept_->connection = std::move(connection_);
    finish("");
  }

  // Every handler passes here: nothing happens after the end, an error ends, else `step` is next.
  void next(error_code error, const char* doing, Step step) {
    if (sink_ == nullptr) return;
    if (!error) return (this->*step)();
    if (reused_) return begin_anew();
    finish(error == http::error::partial_message || error == asio::ssl::error::stream_truncated
               ? "the response is cut short"
               : std::string(doing) + ": " + error.message());
  }

  // The server had closed the kept connection: that says nothing about the request.
  void begin_anew() {
    connection_->close();
    kept_->connection.reset();
    begin();
  }

  void finish(const std::string& error) {
    HttpSink* sink = sink_;
    cancel();
    if (!error.empty()) kept_->connection.reset();
    sink->on_end(error);
  }

  void idle() { set_deadline(limits_.idle_timeout, "nothing received"); }

  // The deadline moves with every piece of a body; the timer is left where it is and looks again
  // when it fires.
  void set_deadline(std::chrono::milliseconds patience, const char* what) {
    deadline_ = Clock::now() + patience;
    patience_ = patience;
    deadline_text_ = what;
    if (deadline_ < timer_.expiry()) watch_the_clock();
  }

  void watch_the_clock() {
    timer_.expires_at(deadline_);
    timer_.async_wait([weak = weak_from_this()](error_code error) {
      const std::shared_ptr<Call> self = weak.lock();
      if (self == nullptr || error || self->sink_ == nullptr) return;
      if (Clock::now() < self->deadline_) return self->watch_the_clock();
      const auto seconds = std::chrono::duration<double>(self->patience_).count();
      std::array<char, 64> text;
      snprintf(text.data(), text.size(), "%s for %g s", self->deadline_text_, seconds);
      self->finish(text.data());
    });
  }

  asio::io_context& io_;
  std::shared_ptr<const Destination> destination_;
  std::shared_ptr<Kept> kept_;
  HttpSink* sink_ = nullptr;
  HttpRequest limits_;
  std::shared_ptr<Connection> connection_;
  bool reused_ = false;  // connection_ served a request before this one

  http::request<http::string_body> request_;
  std::optional<http::response_parser<http::buffer_body>> parser_;
  boost::beast::flat_buffer buffer_{kBufferLimit};
  std::array<char, 65'536> body_;
  std::unique_ptr<Inflater> inflater_;

  asio::steady_timer timer_;
  Clock::time_point deadline_ = Clock::now() + kOpenTimeout;
  std::chrono::milliseconds patience_ = kOpenTimeout;
  const char* deadline_text_ = "no connection";
};

class BeastExchange final : public Exchange {
 public:
  explicit BeastExchange(std::shared_ptr<Call> call) : call_(std::move(call)) {}
  ~BeastExchange() override {
    net::quietly([this] { call_->cancel(); });
  }
  BeastExchange(const BeastExchange&) = delete;
  BeastExchange& operator=(const BeastExchange&) = delete;

 private:
  std::shared_ptr<Call> call_;
};

class BeastTransport final : public Transport {
 public:
  BeastTransport(asio::io_context& io, const ApiAccess& access)
      : io_(io), destination_(std::make_shared<const Destination>(access)) {}

  std::unique_ptr<Exchange> send(HttpRequest request, HttpSink& sink) override {
    auto call = std::make_shared<Call>(io_, destination_, kept_);
    call->start(std::move(request), sink);
    return std::make_unique<BeastExchange>(std::move(call));
  }

 private:
  asio::io_context& io_;
  std::shared_ptr<const Destination> destination_;
  std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
};

}  // namespace

std::unique_ptr<Transport> make_transport(asio::io_context& io, const ApiAccess& access) {
  return std::make_unique<BeastTransport>(io, access);
}

}  // namespace fairlead::k8s_watch
