#include "k8s-watch/api_client.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "k8s-watch/base64.h"
#include "k8s-watch/url.h"
#include "net/file.h"

namespace fairlead::k8s_watch {
namespace {

// A token is valid for at least ten minutes when the kubelet writes it, and is replaced at 80 % of
// its life.
constexpr auto kTokenAge = std::chrono::seconds(60);
constexpr size_t kTokenLimit = 65536;
constexpr int kUnauthorized = 401;

auto fields(const ApiAccess& a) {
  return std::tie(a.url, a.ca_pem, a.insecure, a.server_name, a.cert_pem, a.key_pem, a.token,
                  a.token_file, a.username, a.password, a.exec);
}

bool usable_in_header(const std::string& text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

}  // namespace

RateLimit::RateLimit(float qps, int burst)
    : qps_(std::max(0.0F, qps)), burst_(std::max(1, burst)), tokens_(burst_) {}

Clock::duration RateLimit::reserve(Clock::time_point now) {
  if (qps_ <= 0) return {};
  const double passed = std::chrono::duration<double>(now - last_).count();
  tokens_ = std::min(burst_, tokens_ + passed * qps_) - 1;
  last_ = now;
  if (tokens_ >= 0) return {};
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(-tokens_ / qps_));
}

// One request, from the wait for its turn to its end.
class ApiClient::Ticket final : public Exchange, public HttpSink {
 public:
  Ticket(ApiClient& client, HttpRequest request, HttpSink& sink)
      : client_(client), request_(std::move(request)), sink_(sink), timer_(client.io_) {}
  ~Ticket() override {
    std::erase(client_.waiting_, this);
    std::erase(client_.entering_, this);
    leave();
  }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  void wait(Clock::duration duration) {
    timer_.expires_after(duration);
    // A timer that has already fired cannot be cancelled.
    timer_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](boost::system::error_code error) {
      if (!error && !alive.expired()) client_.begin(*this);
    });
  }

  // The client has a place for it.
  void enter() {
    inside_ = true;
    ++client_.inflight_;
    begun_ = Clock::now();
    client_.log_in(*this);
  }

  void send() {
    login_ = client_.login_.generation();
    const std::string authorization = client_.authorization();
    if (!authorization.empty()) request_.headers.emplace_back("Authorization", authorization);
    exchange_ = client_.transport_->send(std::move(request_), *this);
  }

  void on_head(const HttpHead& head) override {
    answered_ = true;
    client_.observer_.api_request("GET", client_.host_, std::to_string(head.status),
                                  Clock::now() - begun_);
    if (head.status == kUnauthorized) client_.login_.refused(login_);
    leave();
    sink_.on_head(head);
  }

  void on_body(std::string_view octets) override { sink_.on_body(octets); }

  void on_end(const std::string& error) override {
    if (!answered_) {
      client_.observer_.api_request("GET", client_.host_, "<error>", Clock::now() - begun_);
      leave();
      // The server may have moved, or got another certificate.
      client_.refresh_access();
    }
    sink_.on_end(error);
  }

 private:
  void leave() {
    if (!std::exchange(inside_, false)) return;
    --client_.inflight_;
    client_.admit_next();
  }

  ApiClient& client_;
  HttpRequest request_;
  HttpSink& sink_;
  asio::steady_timer timer_;
  std::unique_ptr<Exchange> exchange_;
  Clock::time_point begun_;
  uint64_t login_ = 0;  // the generation it was sent with
  bool inside_ = false;
  bool answered_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

ApiClient::ApiClient(asio::io_context& io, const ApiOptions& options, AccessSource source,
                     Observer& observer)
    : io_(io),
      source_(std::move(source)),
      observer_(observer),
      max_inflight_(options.max_inflight > 0 ? static_cast<size_t>(options.max_inflight)
                                             : SIZE_MAX),
      rate_(options.qps, options.burst),
      access_(source_()),
      transport_(make_transport(io, access_)),
      host_(parse_url(access_.url).authority()),
      login_(io, observer) {}

ApiClient::~ApiClient() = default;

std::unique_ptr<Exchange> ApiClient::get(HttpRequest request, HttpSink& sink) {
  request.headers.emplace_back("User-Agent", "fairlead/" FAIRLEAD_VERSION);
  auto ticket = std::make_unique<Ticket>(*this, std::move(request), sink);
  const Clock::duration turn = rate_.reserve(Clock::now());
  observer_.rate_limited("GET", host_, turn);
  if (turn > Clock::duration::zero()) {
    ticket->wait(turn);
  } else {
    begin(*ticket);
  }
  return ticket;
}

void ApiClient::begin(Ticket& ticket) {
  if (inflight_ < max_inflight_) return ticket.enter();
  waiting_.push_back(&ticket);
}

void ApiClient::admit_next() {
  if (waiting_.empty() || inflight_ >= max_inflight_) return;
  Ticket* next = waiting_.front();
  waiting_.pop_front();
  next->enter();
}

void ApiClient::log_in(Ticket& ticket) {
  if (!access_.exec || login_.is_fresh()) return ticket.send();
  entering_.push_back(&ticket);
  run_login();
}

void ApiClient::run_login() {
  login_.run(access_, [this](const std::string& trouble) { logged_in(trouble); });
}

// An old credential is better than none. Those who come meanwhile wait for the next time.
void ApiClient::logged_in(std::string trouble) {
  if (trouble.empty()) trouble = show_certificate();
  const bool usable = trouble.empty() || login_.is_usable();
  if (trouble.empty()) {
    last_trouble_.clear();
  } else if (usable) {
    say_once(trouble);
  }
  for (size_t left = entering_.size(); left > 0 && !entering_.empty(); --left) {
    Ticket& next = *entering_.front();
    entering_.pop_front();
    usable ? next.send() : next.on_end("no credentials: " + trouble);
  }
}

// The transport shows it from now on; returns why it cannot.
std::string ApiClient::show_certificate() {
  if (!access_.exec) return {};
  const ExecCredential& got = login_.credential();
  if (got.cert_pem == access_.cert_pem && got.key_pem == access_.key_pem) return {};
  ApiAccess access = access_;
  access.cert_pem = got.cert_pem;
  access.key_pem = got.key_pem;
  try {
    transport_ = make_transport(io_, access);
  } catch (const std::exception& error) {
    login_.forget();
    return error.what();
  }
  access_ = std::move(access);
  return {};
}

void ApiClient::renew_credentials() {
  token_read_at_.reset();
  refresh_access();
}

void ApiClient::refresh_access() {
  try {
    ApiAccess access = source_();
    if (access.exec && access.exec == access_.exec) {
      access.cert_pem = access_.cert_pem;
      access.key_pem = access_.key_pem;
    }
    if (fields(access) == fields(access_)) return;
    transport_ = make_transport(io_, access);
    if (access.exec != access_.exec) login_.forget();
    access_ = std::move(access);
    host_ = parse_url(access_.url).authority();
    token_read_at_.reset();
    last_trouble_.clear();
    observer_.log(LogLevel::Info,
                  "the API server's address or credentials have changed, using the new ones");
  } catch (const std::exception& error) {
    return say_once(error.what());
  }
  // Those who wait for a program that no longer counts.
  if (!entering_.empty()) access_.exec ? run_login() : logged_in({});
}

void ApiClient::say_once(const std::string& trouble) {
  if (last_trouble_ != trouble) observer_.log(LogLevel::Warning, trouble);
  last_trouble_ = trouble;
}

std::string ApiClient::authorization() {
  if (!access_.token_file.empty()) {
    if (!token_read_at_ || Clock::now() - *token_read_at_ > kTokenAge) read_token_file();
    if (!token_.empty()) return "Bearer " + token_;
  }
  if (access_.exec && !login_.credential().token.empty())
    return "Bearer " + login_.credential().token;
  if (!access_.token.empty()) return "Bearer " + access_.token;
  if (!access_.username.empty())
    return "Basic " + encode_base64(access_.username + ":" + access_.password);
  return "";
}

void ApiClient::read_token_file() {
  token_read_at_ = Clock::now();
  std::string text;
  net::read_file(access_.token_file, kTokenLimit, text);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.pop_back();
  if (text.empty() || !usable_in_header(text)) {
    // The last token is better than none: the file may be in the middle of being replaced.
    return say_once("token file " + access_.token_file + ": cannot be read, or holds no token");
  }
  token_ = std::move(text);
}

}  // namespace fairlead::k8s_watch
