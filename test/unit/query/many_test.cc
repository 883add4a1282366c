// Replies of many messages, as the connection gets them.
#include <doctest/doctest.h>

#include <stdexcept>

#include "test/unit/query/walked.h"

namespace fairlead::query {

using namespace testing;

namespace {

/// A connection that a test reads from.
class Connection final : public net::LateReplies, public std::enable_shared_from_this<Connection> {
 public:
  std::shared_ptr<net::LateReplies> expect_reply() override { return shared_from_this(); }
  void send_late(const net::Peers&, std::span<const uint8_t> reply) override {
    late = reply.size();
  }
  void send_many(const net::Peers&, const std::shared_ptr<net::MessageSource>& messages) override {
    source = messages;
  }

  /// The next message's size, "end", or "broken".
  std::string read() {
    scenarios::Octets out(dns::kMaxTcpReply);
    const auto size = source->next_message(out);
    if (!size || *size == 0) return size ? "end" : "broken";
    last.assign(out.begin(), out.begin() + static_cast<ptrdiff_t>(*size));
    return std::to_string(last.size());
  }

  std::shared_ptr<net::MessageSource> source;
  scenarios::Octets last;
  size_t late = 0;
};

/// As many messages of one address; then `end`.
class Addresses final : public Messages {
 public:
  explicit Addresses(uint8_t count, bool throws = false) : left_(count), throws_(throws) {}
  bool next(dns::Answer& answer) override {
    if (left_ == 0 && throws_) throw std::runtime_error("the rest is lost");
    if (left_ == 0) return false;
    const std::array<uint8_t, 4> address{192, 0, 2, left_--};
    answer.add_address(dns::Section::Answer, dns::kQname, 5, dns::IpAddress(address));
    return true;
  }

 private:
  uint8_t left_;
  const bool throws_;
};

struct Transfers : Walked {
  std::shared_ptr<Connection> connection = std::make_shared<Connection>();

  /// What respond() returns.
  size_t transfer(dns::Transport transport = dns::Transport::Tcp) {
    const Client client("zone.test. AXFR");
    const scenarios::Octets packet = client.packet();
    net::Request request;
    request.listener = kListener;
    request.packet = packet;
    request.transport = transport;
    request.late = connection.get();
    return responder.respond(request, out);
  }
};

Doing sending(uint8_t count, bool throws = false) {
  return {.ask = [count, throws](Walk& walk) {
    if (!walk.can_send_many()) return walk.fail(dns::Rcode::Refused);
    return walk.send_many(std::make_unique<Addresses>(count, throws));
  }};
}

TEST_CASE("many messages: asked for one after the other, told of once, at the end") {
  Transfers t;
  int seals = 0;
  t.add({.ask =
             [](Walk& walk) {
               walk.see_me({}, 1);  // the time has come before it waits
               walk.seal_me();
               return Turn::Pass;
             },
         .see =
             [&t](Walk&, Note&) {
               t.trace.emplace_back("seen");
               return Turn::Done;
             },
         .late =
             [&t](Walk&, Note&) {
               t.trace.emplace_back("late");
               return Turn::Done;
             },
         .seal = [&seals](const Walk&, std::span<uint8_t>, size_t size) { return ++seals, size; }});
  t.add(sending(3));
  t.observe();
  t.serve();
  CHECK(t.transfer() == net::kReplyFollows);
  CHECK(t.responder.replies_to_follow() == 1);
  t.clock.settle();
  for (int i = 0; i < 3; ++i) CHECK(t.connection->read() == "43");
  CHECK(t.heard.empty());
  CHECK(t.connection->read() == "end");
  t.connection->source.reset();
  CHECK(t.heard == std::vector<std::string>{"NOERROR by 2"});
  CHECK(t.responder.replies_to_follow() == 0);
  CHECK(seals == 3);
  CHECK(t.trace.empty());
}

TEST_CASE("many messages: a client that goes ends them") {
  Transfers t;
  t.add(sending(200));
  t.observe();
  t.serve();
  t.transfer();
  t.connection->read();
  t.connection->source.reset();
  CHECK(t.heard == std::vector<std::string>{"NOERROR by 1"});
  t.heard.clear();
  t.transfer();
  t.connection->source.reset();
  CHECK(t.heard == std::vector<std::string>{"silence by 1"});
  CHECK(t.responder.replies_to_follow() == 0);
}

TEST_CASE("many messages: what goes wrong breaks the connection and is counted") {
  Transfers t;
  t.add(sending(1, true));
  t.observe();
  t.serve();
  t.transfer();
  CHECK(t.connection->read() == "43");
  CHECK(t.connection->read() == "broken");
  CHECK(t.packets.panics.value() == 1);
  t.connection->source.reset();
  CHECK(t.responder.replies_to_follow() == 0);
}

TEST_CASE("many messages: behind a wait, and not over UDP") {
  Transfers t;
  Gate gate;
  t.add({.ask = [&gate](Walk& walk) { return gate.enter(walk); }});
  t.add(sending(1));
  t.serve();
  t.transfer();
  gate.open(Turn::Pass);
  CHECK(t.connection->read() == "43");
  CHECK(t.connection->read() == "end");
  t.connection->source.reset();
  t.transfer(dns::Transport::Udp);
  gate.open(Turn::Pass);
  CHECK(t.connection->source == nullptr);
  CHECK(t.connection->late != 0);
  CHECK(t.responder.replies_to_follow() == 0);
}

TEST_CASE("many messages: a connection may outlive its worker's responder") {
  auto connection = std::make_shared<Connection>();
  {
    Transfers t;
    t.connection = connection;
    t.add(sending(2));
    t.serve();
    t.transfer();
    CHECK(connection->read() == "43");
  }
  CHECK(connection->read() == "broken");
  connection->source.reset();
}

}  // namespace

}  // namespace fairlead::query
