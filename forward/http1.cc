#include "forward/http1.h"

#include "net/asio.h"

// Behind net/asio.h, which Boost 1.74 needs first.
#include <boost/beast/http.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <utility>

namespace fairlead::forward {
namespace {

namespace beast_http = boost::beast::http;

constexpr size_t kMostUnparsed = kMaxHttpHeader + 4096;  // Beast wants a header in one piece
constexpr char kUnasked[] = "http: a response that nobody has asked for";

}  // namespace

struct Http1::Parser {
  Parser() {
    parser.eager(true);
    parser.header_limit(kMaxHttpHeader);
    parser.body_limit(kMaxHttpBody);
  }
  // Boost 1.74 passes over its limit of a Content-Length where the body begins in the same buffer.
  [[nodiscard]] bool is_too_long() const {
    return parser.is_header_done() && parser.content_length().value_or(0) > kMaxHttpBody;
  }

  beast_http::response_parser<beast_http::vector_body<uint8_t>> parser;
};

Http1::Http1(DohUpstream& upstream, ConversationListener& listener)
    : DohConversation(upstream, listener) {}

Http1::~Http1() = default;

void Http1::start(Question question) {
  const auto& message = question.message;
  std::string head = upstream_.get ? "GET " + doh_target(message) : "POST " + std::string(kDohPath);
  head.append(" HTTP/1.1\r\nHost: ").append(upstream_.authority);
  head.append("\r\nAccept: ").append(kDohType);
  if (!upstream_.get) {
    head.append("\r\nContent-Type: ").append(kDohType);
    head.append("\r\nContent-Length: ").append(std::to_string(message.size()));
  }
  head.append("\r\n\r\n");
  output_.insert(output_.end(), head.begin(), head.end());
  if (!upstream_.get) output_.insert(output_.end(), message.begin(), message.end());
  asked_ = question.id;
}

void Http1::received(size_t size) {
  if (!takes_more()) return;  // what comes behind the last reply
  unparsed_.insert(unparsed_.end(), input_.begin(), input_.begin() + static_cast<ptrdiff_t>(size));
  while (takes_more() && !unparsed_.empty() && parse()) {
  }
  if (takes_more()) {
    go_on();
  } else if (closing_) {
    send_away("http: server closed the connection");
  }
}

/// False when more octets are needed.
bool Http1::parse() {
  if (!asked_) {
    error_ = kUnasked;
    return false;
  }
  if (parser_ == nullptr) parser_ = std::make_unique<Parser>();
  boost::system::error_code error;
  auto& parser = parser_->parser;
  const size_t used = parser.put(asio::const_buffer(unparsed_.data(), unparsed_.size()), error);
  unparsed_.erase(unparsed_.begin(), unparsed_.begin() + static_cast<ptrdiff_t>(used));
  if (error == beast_http::error::need_more) error = {};
  if (error == beast_http::error::header_limit || (!error && unparsed_.size() > kMostUnparsed)) {
    error_ = "http: the header is too large";
  } else if (error == beast_http::error::body_limit || parser_->is_too_long()) {
    error_ = "http: the body is too large";
  } else if (error) {
    error_ = "http: malformed response";
  } else if (parser.is_done()) {
    on_whole();
  } else {
    return used != 0;
  }
  return error_.empty();
}

void Http1::on_whole() {
  auto& message = parser_->parser.get();
  const unsigned status = message.result_int();
  if (status == 101) {
    error_ = "http: the protocol is switched";
  } else if (status >= 200) {
    closing_ = !message.keep_alive() || message.need_eof();
    const auto type = message[beast_http::field::content_type];
    std::string fault = fault_of_head(status, {type.data(), type.size()});
    std::vector<uint8_t> body = std::move(message.body());
    parser_.reset();
    return answer(std::move(fault), body);
  }
  parser_.reset();  // the reply is still to come
}

void Http1::answer(std::string fault, std::vector<uint8_t>& body) {
  const uint16_t id = *std::exchange(asked_, std::nullopt);
  // Or else it would be taken for the reply to a question that is still to be asked.
  if (!closing_ && !unparsed_.empty()) error_ = kUnasked;
  if (fault.empty()) fault = fault_of_body(body);
  if (fault.empty()) {
    listener_.on_reply(id, body);
  } else {
    listener_.on_failure(id, fault, false);
  }
}

/// Where a reply does not tell its length, the connection's end does.
void Http1::ended() {
  if (!takes_more() || parser_ == nullptr || !asked_) return;
  boost::system::error_code error;
  parser_->parser.put_eof(error);
  if (error || !parser_->parser.is_done()) return;
  on_whole();
  closing_ = true;
  send_away("EOF");
}

bool Http1::has_begun() const {
  return parser_ != nullptr || !unparsed_.empty();
}

}  // namespace fairlead::forward
