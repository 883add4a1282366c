#include "plugins/dnstap/tap.h"

#include <chrono>
#include <utility>

#include "query/walk.h"

namespace fairlead::plugins::dnstap {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

class Labels final : public LabelTexts {
 public:
  explicit Labels(const query::Walk& walk) : walk_(walk) {}
  bool tell(std::string_view label, std::string& out) const override {
    return walk_.label(label, out);
  }

 private:
  const query::Walk& walk_;
};

Protocol protocol_of(fairlead::forward::Proto proto) {
  switch (proto) {
    case fairlead::forward::Proto::Udp:
      return Protocol::Udp;
    case fairlead::forward::Proto::Tcp:
      return Protocol::Tcp;
    case fairlead::forward::Proto::Tls:
      return Protocol::Dot;
    case fairlead::forward::Proto::Https:
      return Protocol::Doh;
  }
  return Protocol::Udp;
}

Protocol protocol_of(const query::Walk& walk) {
  if (walk.received().transport == dns::Transport::Udp) return Protocol::Udp;
  switch (walk.served().carrier) {
    case query::Carrier::Tls:
      return Protocol::Dot;
    case query::Carrier::Https:
      return Protocol::Doh;
    case query::Carrier::Plain:
      break;
  }
  return Protocol::Tcp;
}

Message message_of(const query::Walk& walk, Kind kind, system_clock::time_point asked) {
  return {.kind = kind,
          .protocol = protocol_of(walk),
          .query = walk.peers().client,
          .response = walk.peers().local,
          .query_time = asked};
}

class QueryTap final : public query::Step {
 public:
  explicit QueryTap(LinesOfBlock lines) : lines_(std::move(lines)) {}

  query::Turn ask(query::Walk& walk) const override {
    if (walk.telling() != nullptr || walk.depth() != 0 || !walk.has_client())
      return query::Turn::Pass;
    const Labels labels(walk);
    const Entry entry = entry_of(walk, labels);
    Message message = message_of(walk, Kind::ClientQuery, system_clock::now());
    message.octets = walk.packet();
    for (const Line& line : *lines_) line.tell(walk.worker().number(), message, &entry);
    return query::Turn::Pass;
  }

 private:
  const LinesOfBlock lines_;
};

class ResponseTap final : public query::Observer {
 public:
  explicit ResponseTap(LinesOfBlock lines) : lines_(std::move(lines)) {}

  void replied(const query::Walk& walk, const query::Reply& reply) const override {
    if (reply.octets.empty()) return;
    const Labels labels(walk);
    Entry entry = entry_of(walk, labels);
    entry.rcode = reply.rcode;
    entry.reply_flags = static_cast<uint16_t>(reply.octets[2] << 8 | reply.octets[3]);
    entry.response_size = reply.size;
    entry.duration = nanoseconds(reply.took);
    const auto now = system_clock::now();
    const auto asked = now - std::chrono::duration_cast<system_clock::duration>(entry.duration);
    Message message = message_of(walk, Kind::ClientResponse, asked);
    message.response_time = now;
    if (!reply.many) message.octets = reply.octets;  // else only the last header is left
    for (const Line& line : *lines_) line.tell(walk.worker().number(), message, &entry);
  }

 private:
  const LinesOfBlock lines_;
};

class ForwarderTap final : public fairlead::forward::Tap {
 public:
  explicit ForwarderTap(LinesOfBlock lines) : lines_(std::move(lines)) {}

  void asked(const Event& query) const override { tell(query, Kind::ForwarderQuery); }
  void answered(const Event& reply) const override { tell(reply, Kind::ForwarderResponse); }

 private:
  void tell(const Event& event, Kind kind) const {
    const auto now = system_clock::now();
    const auto asked = now - std::chrono::duration_cast<system_clock::duration>(event.ago);
    const Message message{.kind = kind,
                          .protocol = protocol_of(event.proto),
                          .query = {},
                          .response = event.upstream,
                          .query_time = asked,
                          .response_time = now,
                          .octets = event.octets};
    for (const Line& line : *lines_) line.tell(event.worker, message, nullptr);
  }

  const LinesOfBlock lines_;
};

}  // namespace

Line::Line(std::shared_ptr<Sink> sink, std::string identity, std::string version)
    : sink_(std::move(sink)),
      identity_(std::move(identity)),
      version_(std::move(version)),
      extra_(parse_format(sink_->options().extra)) {}

void Line::tell(size_t worker, Message message, const Entry* entry) const {
  thread_local std::string extra;  // both are kept for their memory
  thread_local std::vector<uint8_t> frame;
  extra.clear();
  frame.clear();
  if (entry != nullptr) {
    append_message(extra_, *entry, extra);
  } else {
    for (const Piece& piece : extra_) extra += piece.field == Field::Literal ? piece.text : "-";
  }
  message.identity = identity_;
  message.version = version_;
  message.extra = extra;
  if (!sink_->options().full) message.octets = {};
  append_frame(message, frame);
  sink_->put(worker, frame);
}

std::unique_ptr<const query::Step> make_query_tap(LinesOfBlock lines) {
  return std::make_unique<QueryTap>(std::move(lines));
}

std::unique_ptr<const query::Observer> make_response_tap(LinesOfBlock lines) {
  return std::make_unique<ResponseTap>(std::move(lines));
}

std::shared_ptr<const fairlead::forward::Tap> make_forwarder_tap(LinesOfBlock lines) {
  return std::make_shared<ForwarderTap>(std::move(lines));
}

}  // namespace fairlead::plugins::dnstap
