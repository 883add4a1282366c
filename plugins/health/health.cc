#include "plugins/health/health.h"

#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "corefile/duration.h"
#include "net/asio.h"
#include "net/endpoint.h"
#include "net/quietly.h"

namespace fairlead::plugins::health {

namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kInterval{1};
constexpr std::chrono::seconds kTimeout{3};
constexpr std::chrono::seconds kSlow{1};
constexpr unsigned kHttp11 = 11;

// Resolved once and without Asio's resolver thread: the host is an address or localhost.
std::vector<tcp::endpoint> resolve(asio::io_context& io, const std::string& address) {
  const net::HostPort parts = net::split_host_port(address).value_or(net::HostPort{});
  const std::string_view host = parts.host.empty() ? "localhost" : parts.host;
  const std::string_view port = parts.port.value_or("");
  error_code ignored;
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : tcp::resolver(io).resolve(host, port, ignored)) {
    endpoints.push_back(entry.endpoint());
  }
  return endpoints;
}

}  // namespace

http::HttpReply health_reply() {
  return {200, "OK"};
}

/// The endless round of timer, connection, request and reply. Lives until its last operation has
/// ended.
class HealthProbe::Loop : public std::enable_shared_from_this<Loop> {
 public:
  Loop(asio::io_context& io, const std::string& address, std::shared_ptr<Families> families,
       net::LogSink& log)
      : timer_(io), io_(io), families_(std::move(families)), log_(log) {
    endpoints_ = resolve(io, address);
    url_ = "http://" + address + "/health";
  }

  void wait() {
    timer_.expires_after(kInterval);
    timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && !self->stopped_) self->connect();
    });
  }

  void stop() {
    stopped_ = true;
    timer_.cancel();
    if (stream_) stream_->cancel();
  }

 private:
  void connect() {
    started_ = Clock::now();
    stream_.emplace(io_);
    stream_->expires_at(started_ + kTimeout);
    stream_->async_connect(endpoints_,
                           [self = shared_from_this()](error_code error, const tcp::endpoint&) {
                             if (error) return self->finish(error);
                             self->ask();
                           });
  }

  void ask() {
    request_ =
        beast::http::request<beast::http::empty_body>(beast::http::verb::get, "/health", kHttp11);
    request_.set(beast::http::field::host, "localhost");
    request_.keep_alive(false);
    beast::http::async_write(*stream_, request_,
                             [self = shared_from_this()](error_code error, size_t) {
                               if (error) return self->finish(error);
                               self->listen();
                             });
  }

  void listen() {
    buffer_.clear();
    response_.emplace();
    beast::http::async_read(
        *stream_, buffer_, *response_,
        [self = shared_from_this()](error_code error, size_t) { self->finish(error); });
  }

  void finish(error_code error) {
    if (stopped_) return;
    stream_.reset();
    const auto took = Clock::now() - started_;
    families_->duration.observe({}, metrics::seconds(took));
    if (error) {
      families_->failures.add({});
      log_.write(net::LogLevel::Warning, "health",
                 "Local health request to \"" + url_ + "\" failed: " + error.message());
    } else if (took > kSlow) {
      log_.write(net::LogLevel::Warning, "health",
                 "Local health request to \"" + url_ +
                     "\" took more than 1s: " + corefile::format_duration(took));
    }
    wait();
  }

  asio::steady_timer timer_;
  asio::io_context& io_;
  const std::shared_ptr<Families> families_;
  net::LogSink& log_;
  std::vector<tcp::endpoint> endpoints_;
  std::string url_;

  bool stopped_ = false;
  Clock::time_point started_;
  std::optional<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_{4096};
  beast::http::request<beast::http::empty_body> request_;
  std::optional<beast::http::response<beast::http::string_body>> response_;
};

Families::Families()
    : failures(metrics::ScalarFamily::Type::Counter,
               {"coredns_health_request_failures_total",
                "The number of times the health check failed.",
                {}}),
      duration({"coredns_health_request_duration_seconds",
                "Histogram of the time (in seconds) each request took.",
                {}},
               metrics::exponential_bounds(0.00025, 10, 5)) {}

HealthProbe::HealthProbe(asio::io_context& io, const std::string& address,
                         std::shared_ptr<Families> families, net::LogSink& log)
    : loop_(std::make_shared<Loop>(io, address, std::move(families), log)) {
  loop_->wait();
}

HealthProbe::~HealthProbe() {
  net::quietly([this] { loop_->stop(); });
}

}  // namespace fairlead::plugins::health
