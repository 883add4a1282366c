// The API transport on cpprestsdk. What the library would do otherwise is corrected here: its idle
// timer of 30 s, its 40 threads, its trust in the system's CAs, SNI for addresses, bodies without
// back-pressure. It cannot reach an IPv6 address.
#include "dns/printable.h"
#include "net/asio.h"
// The library's headers come behind Asio.
#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <array>
#include <boost/asio/ssl.hpp>
#include <mutex>
#include <optional>

#include "k8s-watch/cpprest_body.h"
#include "k8s-watch/inflate.h"
#include "k8s-watch/tls.h"
#include "k8s-watch/transport.h"

namespace fairlead::k8s_watch {
namespace {

namespace rest = web::http;
using boost::system::error_code;

constexpr size_t kPiece = 65'536;
constexpr size_t kThreads = 2;
constexpr auto kNeverMind =
    std::chrono::hours(24);  // the deadlines are kept here, not by the library

// The library's pool is one for the process; its first user decides its size.
void limit_threads() {
  static std::once_flag once;
  std::call_once(once, [] {
    try {
      crossplat::threadpool::initialize_with_threads(kThreads);
    } catch (const std::exception&) {
      return;  // it runs already, with the threads it has
    }
  });
}

// A request and its response. The library's threads only post to the io thread; all state belongs
// to that.
class RestCall : public std::enable_shared_from_this<RestCall> {
 public:
  RestCall(asio::io_context& io, HttpRequest limits, HttpSink& sink)
      : io_(io),
        busy_(io.get_executor()),
        limits_(std::move(limits)),
        sink_(&sink),
        timer_(std::in_place, io) {}

  void start(rest::client::http_client& client, const std::string& path) {
    rest::http_request request(limits_.body.empty() ? rest::methods::GET : rest::methods::POST);
    request.set_request_uri(path + limits_.target);
    for (const auto& [name, value] : limits_.headers) request.headers().add(name, value);
    if (!limits_.body.empty()) request.set_body(limits_.body, "application/json");
    auto self = shared_from_this();
    request.set_response_stream(
        make_body_buffer([self](const uint8_t* octets, size_t size) {
          return self->hand_over({reinterpret_cast<const char*>(octets), size});
        }).create_ostream());
    set_deadline(limits_.head_timeout, "no response");
    watch_the_clock();
    client.request(request, stop_.get_token())
        .then([self](const pplx::task<rest::http_response>& task) { self->responded(task); });
  }

  void cancel() {
    sink_ = nullptr;
    timer_.reset();
    early_taken_.set();  // a first piece that never saw its head must not hold the library back
    stop_.cancel();
  }

 private:
  // The next three run on the library's threads.

  void responded(const pplx::task<rest::http_response>& task) {
    try {
      const rest::http_response response = task.get();
      HttpHead head;
      head.status = response.status_code();
      response.headers().match(rest::header_names::retry_after, head.retry_after);
      response.headers().match(rest::header_names::content_type, head.content_type);
      std::string encoding;
      response.headers().match(rest::header_names::content_encoding, encoding);
      asio::post(io_, [self = shared_from_this(), head, packed = encoding == "gzip"] {
        self->take_head(head, packed);
      });
      response.content_ready().then(
          [self = shared_from_this()](const pplx::task<rest::http_response>& body) {
            self->finished(body);
          });
    } catch (const std::exception& error) {
      post_end(dns::one_line(error.what()));
    }
  }

  void finished(const pplx::task<rest::http_response>& body) {
    try {
      body.get();
      post_end("");
    } catch (const std::exception& error) {
      post_end(dns::one_line(error.what()));
    }
  }

  pplx::task<void> hand_over(std::string_view octets) {
    pplx::task_completion_event<void> taken;
    asio::post(io_, [self = shared_from_this(), piece = std::string(octets), taken]() mutable {
      self->take_piece(std::move(piece), taken);
    });
    return pplx::task<void>(taken);
  }

  void post_end(const std::string& error) {
    asio::post(io_, [self = shared_from_this(), error] {
      if (self->sink_ != nullptr) self->finish(error);
      self->busy_.reset();
    });
  }

  // The rest runs on the io thread.

  void take_head(const HttpHead& head, bool packed) {
    if (sink_ == nullptr) return;
    if (packed) inflater_ = std::make_unique<Inflater>();
    headed_ = true;
    idle();
    sink_->on_head(head);
    if (sink_ != nullptr && !early_.empty()) deliver(std::exchange(early_, {}));
    early_taken_.set();
  }

  // The first piece may overtake the head on the library's threads; there is never more than one
  // under way.
  void take_piece(std::string piece, const pplx::task_completion_event<void>& taken) {
    if (sink_ != nullptr && !headed_) {
      early_ = std::move(piece);
      early_taken_ = taken;
      return;
    }
    if (sink_ != nullptr) deliver(piece);
    taken.set();
  }

  void deliver(std::string_view octets) {
    idle();
    if (inflater_ != nullptr) {
      const bool good = inflater_->feed(octets, [this](std::string_view plain) {
        sink_->on_body(plain);
        return sink_ != nullptr;
      });
      if (!good && sink_ != nullptr) finish("the gzip body is damaged");
      return;
    }
    while (!octets.empty() && sink_ != nullptr) {
      sink_->on_body(octets.substr(0, kPiece));
      octets.remove_prefix(std::min(kPiece, octets.size()));
    }
  }

  void finish(const std::string& error) {
    HttpSink* sink = sink_;
    const bool cut = error.empty() && inflater_ != nullptr && !inflater_->complete();
    cancel();
    sink->on_end(cut ? "the gzip body is cut short" : error);
  }

  void idle() { set_deadline(limits_.idle_timeout, "nothing received"); }

  void set_deadline(std::chrono::milliseconds patience, const char* what) {
    deadline_ = Clock::now() + patience;
    patience_ = patience;
    deadline_text_ = what;
    if (deadline_ < timer_->expiry()) watch_the_clock();
  }

  void watch_the_clock() {
    timer_->expires_at(deadline_);
    timer_->async_wait([weak = weak_from_this()](error_code error) {
      const std::shared_ptr<RestCall> self = weak.lock();
      if (self == nullptr || error || self->sink_ == nullptr) return;
      if (Clock::now() < self->deadline_) return self->watch_the_clock();
      std::array<char, 64> text;
      snprintf(text.data(), text.size(), "%s for %g s", self->deadline_text_,
               std::chrono::duration<double>(self->patience_).count());
      self->finish(text.data());
    });
  }

  asio::io_context& io_;
  // The io_context must outlive what the library's threads may still post.
  asio::executor_work_guard<asio::io_context::executor_type> busy_;
  const HttpRequest limits_;
  HttpSink* sink_;  // null once it is over
  pplx::cancellation_token_source stop_;
  std::unique_ptr<Inflater> inflater_;
  bool headed_ = false;
  std::string early_;  // a piece that came before the head
  pplx::task_completion_event<void> early_taken_;

  std::optional<asio::steady_timer>
      timer_;  // none once it is over: the library may keep this longer than io_ lives
  Clock::time_point deadline_;
  std::chrono::milliseconds patience_{};
  const char* deadline_text_ = "";
};

class RestExchange final : public Exchange {
 public:
  explicit RestExchange(std::shared_ptr<RestCall> call) : call_(std::move(call)) {}
  ~RestExchange() override { call_->cancel(); }
  RestExchange(const RestExchange&) = delete;
  RestExchange& operator=(const RestExchange&) = delete;

 private:
  std::shared_ptr<RestCall> call_;
};

rest::client::http_client_config configuration(const ApiAccess& access, const Url& url) {
  // Made here, so that its errors come before the first request; all connections share it.
  const std::shared_ptr<const net::TlsContext> tls = url.tls ? make_tls(access) : nullptr;
  rest::client::http_client_config config;
  config.set_timeout(std::chrono::duration_cast<utility::seconds>(kNeverMind));
  config.set_validate_certificates(!access.insecure);
  config.set_tlsext_sni_enabled(!url.literal);
  config.set_ssl_context_callback(
      [tls](asio::ssl::context& context) { context = asio::ssl::context(tls->share()); });
  return config;
}

class RestTransport final : public Transport {
 public:
  RestTransport(asio::io_context& io, const ApiAccess& access, const Url& url)
      : io_(io),
        path_(url.path),
        client_((url.tls ? "https://" : "http://") + url.authority(), configuration(access, url)) {}

  std::unique_ptr<Exchange> send(HttpRequest request, HttpSink& sink) override {
    auto call = std::make_shared<RestCall>(io_, std::move(request), sink);
    call->start(client_, path_);
    return std::make_unique<RestExchange>(std::move(call));
  }

 private:
  asio::io_context& io_;
  const std::string path_;
  rest::client::http_client client_;
};

}  // namespace

std::unique_ptr<Transport> make_transport(asio::io_context& io, const ApiAccess& access) {
  limit_threads();
  const Url url = parse_url(access.url, access.peer);
  if (url.literal && url.host.find(':') != std::string::npos) {
    throw std::runtime_error(access.peer + " " + access.url +
                             ": this build (cpprestsdk) cannot reach an IPv6 address");
  }
  if (!access.server_name.empty() && access.server_name != url.host) {
    throw std::runtime_error(
        "tls-server-name: this build (cpprestsdk) cannot expect another name than the URL's");
  }
  return std::make_unique<RestTransport>(io, access, url);
}

}  // namespace fairlead::k8s_watch
