// The part of DohSession between requests of HTTP and messages of DNS.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "dns/reader.h"
#include "dns/record_reader.h"
#include "dns/render.h"
#include "dns/types.h"
#include "listen/doh.h"
#include "listen/doh_session.h"

namespace fairlead::listen {
namespace {

/// Makes REFUSED without records of a reply; its size.
size_t refuse_instead(std::span<uint8_t> message) {
  dns::Reader in{message, dns::kHeaderSize};
  dns::skip_name(in);
  in.skip(4);
  const bool has_question = message.size() > dns::kHeaderSize && message[5] == 1 && in.ok;
  message[2] = static_cast<uint8_t>(message[2] & ~0x04U);  // AA
  message[3] =
      static_cast<uint8_t>((message[3] & 0xf0) | static_cast<uint8_t>(dns::Rcode::Refused));
  std::fill(message.begin() + (has_question ? 6 : 4), message.begin() + dns::kHeaderSize, 0);
  return has_question ? in.at : dns::kHeaderSize;
}

}  // namespace

/// One request. What is given to the responder stands on the stack; the promise of a later reply is
/// a copy that keeps the session.
class DohSession::Asker final : public net::LateReplies,
                                public std::enable_shared_from_this<Asker> {
 public:
  Asker(std::shared_ptr<DohSession> session, int32_t stream, bool head)
      : session_(std::move(session)), stream_(stream), head_(head) {}

  std::shared_ptr<net::LateReplies> expect_reply() override {
    auto promise = std::make_shared<Asker>(session_, stream_, head_);
    ++session_->expected_;
    return promise;
  }

  void send_late(const net::Peers& /*peers*/, std::span<const uint8_t> reply) override {
    --session_->expected_;
    session_->late_reply(stream_, reply, head_);
  }

  // A body has one message (RFC 8484 §6): a zone that needs more cannot be had this way.
  void send_many(const net::Peers& peers,
                 const std::shared_ptr<net::MessageSource>& messages) override {
    asio::post(session_->shared_.context,
               [self = shared_from_this(), peers, source = messages]() mutable {
                 self->send_one(peers, std::move(source));
               });
  }

 private:
  void send_one(const net::Peers& peers, std::shared_ptr<net::MessageSource> messages) {
    std::vector<uint8_t> first(dns::kMaxTcpReply);
    auto size = messages->next_message(first);
    const bool some = size && *size >= dns::kHeaderSize;
    if (some && messages->next_message(session_->shared_.output) != 0)
      size = refuse_instead({first.data(), *size});
    messages.reset();
    send_late(peers, {first.data(), some ? *size : 0});
  }

  const std::shared_ptr<DohSession> session_;
  const int32_t stream_;
  const bool head_;
};

void DohSession::on_request(int32_t stream, HttpRequest& request) {
  const DohQuery query = doh_query(request);
  if (query.status == 200) return ask(stream, query.message, query.head);
  reply(stream, {.status = query.status,
                 .allow = query.allow,
                 .body = {reinterpret_cast<const uint8_t*>(query.text.data()), query.text.size()},
                 .head = query.head});
}

void DohSession::ask(int32_t stream, const std::vector<uint8_t>& message, bool head) {
  Asker asker(shared_from_this(), stream, head);
  shared_.counters.received.add();
  net::Request request;
  static_cast<net::Peers&>(request) = peers();
  request.packet = message;
  request.transport = dns::Transport::Tcp;
  request.idle_limit = settings_.idle_limit();
  request.late = &asker;
  const std::span<uint8_t> out(shared_.output.data(), dns::kMaxTcpReply);
  const size_t size = shared_.responder->respond(request, out);
  if (size != net::kReplyFollows) answer(stream, out.first(size), head);
}

void DohSession::answer(int32_t stream, std::span<const uint8_t> message, bool head) {
  constexpr std::string_view kNoResponse = "No response\n";
  if (message.size() >= dns::kHeaderSize) {
    shared_.counters.answered.add();
    return reply(stream, doh_reply(message, head));
  }
  const auto* text = reinterpret_cast<const uint8_t*>(kNoResponse.data());
  reply(stream, {.status = 500, .body = {text, kNoResponse.size()}, .head = head});
}

void DohSession::reply(int32_t stream, const HttpReply& reply) {
  settings_.doh->counters->count(reply.status);
  ++replies_;
  http_->answer(stream, reply);
}

void DohSession::late_reply(int32_t stream, std::span<const uint8_t> message, bool head) {
  if (closed_) return;
  running_ = true;
  answer(stream, message, head);
  running_ = false;
  go_on();
}

}  // namespace fairlead::listen
