#include "listen/http1.h"

#include "net/asio.h"

// Behind net/asio.h, which Boost 1.74 needs first.
#include <algorithm>
#include <array>
#include <boost/beast/http.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <ctime>
#include <string>
#include <string_view>

namespace fairlead::listen {
namespace {

namespace beast_http = boost::beast::http;

constexpr size_t kMostInput = kMaxHttpHeader + 4096;  // Beast wants a header in one piece

std::string_view reason_of(uint16_t status) {
  const auto known = beast_http::obsolete_reason(static_cast<beast_http::status>(status));
  return {known.data(), known.size()};
}

// RFC 9112 §3.2.2: a server takes "http://HOST/PATH" as well.
std::string_view without_origin(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const size_t path = target.find('/', scheme.size());
    return path == std::string_view::npos ? "/" : target.substr(path);
  }
  return target;
}

bool same_word(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

}  // namespace

std::string_view http_date() {
  static thread_local std::time_t of = 0;
  static thread_local std::array<char, 40> text{};
  static thread_local size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != of) {
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    of = now;
  }
  return {text.data(), size};
}

struct Http1::Parser {
  Parser() {
    parser.eager(true);
    parser.header_limit(kMaxHttpHeader);
    parser.body_limit(kMaxHttpBody);
  }
  beast_http::request_parser<beast_http::vector_body<uint8_t>> parser;
  bool header_seen = false;
};

Http1::Http1(HttpServer& server) : server_(server) {}
Http1::~Http1() = default;

void Http1::receive(std::span<const uint8_t> octets) {
  if (last_said_) return;
  input_.insert(input_.end(), octets.begin(), octets.end());
  go_on();
}

/// A reply that comes at once goes on from within, which is no reason to go deeper.
void Http1::go_on() {
  if (going_on_) return;
  going_on_ = true;
  while (!asked_ && !last_said_ && !input_.empty() && parse()) {
  }
  going_on_ = false;
  if (input_.empty()) std::vector<uint8_t>().swap(input_);
}

/// False when more octets are needed.
bool Http1::parse() {
  if (!parser_) {
    // RFC 9112 §2.2: an empty line in front of a request is nothing.
    const auto first = std::ranges::find_if(input_, [](uint8_t c) { return c != 13 && c != 10; });
    input_.erase(input_.begin(), first);
    if (input_.empty()) return false;
    parser_ = std::make_unique<Parser>();
    number_ = number_ == INT32_MAX ? 1 : number_ + 1;
    version_ = 11;
    keep_alive_ = true;
  }
  boost::system::error_code error;
  auto& parser = parser_->parser;
  const size_t used = parser.put(asio::const_buffer(input_.data(), input_.size()), error);
  input_.erase(input_.begin(), input_.begin() + static_cast<ptrdiff_t>(used));
  if (parser.is_header_done() && !parser_->header_seen) on_header();
  if (error == beast_http::error::need_more) error = {};
  if (error == beast_http::error::header_limit || (!error && input_.size() > kMostInput)) {
    fault(431, "the header is too large\n");
  } else if (error == beast_http::error::body_limit) {
    fault(413, "the message is too large\n");
  } else if (error) {
    fault(400, "invalid request: this is no HTTP\n");
  } else if (parser.is_done()) {
    on_whole();
  } else {
    return used != 0 && !input_.empty();
  }
  return true;
}

void Http1::on_header() {
  parser_->header_seen = true;
  const auto& request = parser_->parser.get();
  version_ = request.version();
  keep_alive_ = request.keep_alive();
  const auto expect = request[beast_http::field::expect];
  if (version_ < 11 || !same_word({expect.data(), expect.size()}, "100-continue")) return;
  constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
  if (!parser_->parser.is_done()) output_.insert(output_.end(), kGoOn.begin(), kGoOn.end());
}

void Http1::on_whole() {
  auto& message = parser_->parser.get();
  if (version_ >= 11 && message.count(beast_http::field::host) == 0)  // RFC 9112 §3.2
    return fault(400, "invalid request: no Host\n");
  const auto method = message.method_string();
  const auto target = message.target();
  const auto type = message[beast_http::field::content_type];
  HttpRequest request{.method = std::string(method),
                      .target = std::string(without_origin({target.data(), target.size()})),
                      .content_type = std::string(type),
                      .body = std::move(message.body())};
  parser_.reset();
  asked_ = true;
  server_.on_request(number_, request);
}

/// What comes behind it cannot be told apart any more: it is the last reply.
void Http1::fault(uint16_t status, std::string_view text) {
  parser_.reset();
  input_.clear();
  keep_alive_ = false;
  has_fault_ = true;
  server_.on_fault(status);
  write({.status = status, .body = {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
}

void Http1::answer(int32_t stream, const HttpReply& reply) {
  if (!asked_ || stream != number_) return;
  asked_ = false;
  write(reply);
  go_on();
}

void Http1::write(const HttpReply& reply) {
  const bool last = !keep_alive_ || finishing_;
  std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  head.append(reason_of(reply.status)).append("\r\nDate: ").append(http_date());
  head.append("\r\nContent-Type: ").append(reply.content_type);
  head.append("\r\nContent-Length: ").append(std::to_string(reply.body.size()));
  if (reply.max_age) {
    head.append("\r\nCache-Control: max-age=").append(std::to_string(*reply.max_age));
  }
  if (!reply.allow.empty()) head.append("\r\nAllow: ").append(reply.allow);
  if (last) {
    head.append("\r\nConnection: close");
  } else if (version_ < 11) {
    head.append("\r\nConnection: keep-alive");
  }
  head.append("\r\n\r\n");
  output_.insert(output_.end(), head.begin(), head.end());
  if (!reply.head) output_.insert(output_.end(), reply.body.begin(), reply.body.end());
  if (!last) return;
  last_said_ = true;
  input_.clear();
}

void Http1::take_output(std::vector<uint8_t>& out, size_t /*most*/) {
  out.insert(out.end(), output_.begin(), output_.end());
  std::vector<uint8_t>().swap(output_);
}

void Http1::finish() {
  finishing_ = true;
  if (!is_busy()) last_said_ = true;
}

int32_t Http1::incomplete() const {
  return parser_ != nullptr ? number_ : 0;
}

void Http1::give_up(int32_t /*stream*/) {
  fault(408, "the request did not come to its end in time\n");
}

bool Http1::is_busy() const {
  return asked_ || parser_ != nullptr || !output_.empty();
}

size_t Http1::kept() const {
  const size_t body = parser_ != nullptr ? parser_->parser.get().body().size() + 1024 : 0;
  return input_.size() + output_.size() + body;
}

}  // namespace fairlead::listen
