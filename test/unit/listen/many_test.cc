// Replies of many messages over a connection.
#include <doctest/doctest.h>

#include <atomic>

#include "test/unit/support/running_worker.h"

namespace fairlead::listen {

using namespace test;

namespace {

constexpr size_t kMessage = 40'000;

struct Made {
  std::atomic<int> messages{0};
  std::atomic<int> gone{0};
};

/// Messages that begin with their number.
class Numbered final : public net::MessageSource {
 public:
  Numbered(Made& made, int count, bool breaks) : made_(made), count_(count), breaks_(breaks) {}
  ~Numbered() override { ++made_.gone; }
  Numbered(const Numbered&) = delete;
  Numbered& operator=(const Numbered&) = delete;

  std::optional<size_t> next_message(std::span<uint8_t> out) override {
    if (sent_ == count_) return breaks_ ? std::nullopt : std::optional<size_t>(0);
    const std::string number = std::to_string(sent_++) + " of many";
    std::fill_n(out.begin(), kMessage, uint8_t{'.'});
    std::ranges::copy(number, out.begin());
    ++made_.messages;
    return kMessage;
  }

 private:
  Made& made_;
  const int count_;
  const bool breaks_;
  int sent_ = 0;
};

/// "many COUNT", "break COUNT"; all else is echoed.
class Sending final : public net::Responder {
 public:
  explicit Sending(Made& made) : made_(made) {}

  size_t respond(const net::Request& request, std::span<uint8_t> out) override {
    const std::string packet(request.packet.begin(), request.packet.end());
    const bool breaks = packet.starts_with("break");
    if (!breaks && !packet.starts_with("many")) {
      std::ranges::copy(packet, out.begin());
      return packet.size();
    }
    const int count = std::stoi(packet.substr(packet.find(' ')));
    request.late->expect_reply()->send_many(request,
                                            std::make_shared<Numbered>(made_, count, breaks));
    return net::kReplyFollows;
  }

 private:
  Made& made_;
};

struct ManyServer {
  Made made;
  RunningWorker server{TcpOptions{}, loopback(),
                       [this](asio::io_context&) { return std::make_unique<Sending>(made); }};
};

void expect_messages(const net::FileDescriptor& client, int count) {
  for (int i = 0; i < count; ++i) {
    const std::string message = text(receive_message(client));
    REQUIRE(message.size() == kMessage);
    REQUIRE(message.starts_with(std::to_string(i) + " of many"));
  }
}

TEST_CASE("many messages: no more are made than the client takes, and what it asked behind waits") {
  constexpr int kCount = 2000;
  ManyServer many;
  const net::FileDescriptor client = tcp_client(many.server.local());
  REQUIRE(send_all(client, framed(octets("in front of it"))));
  REQUIRE(send_all(client, framed(octets("many " + std::to_string(kCount) + " ....."))));
  REQUIRE(send_all(client, framed(octets("many 1 ........"))));
  REQUIRE(send_all(client, framed(octets("behind both."))));
  CHECK(text(receive_message(client)) == "in front of it");
  // The worker serves others meanwhile, and stops making messages when nobody takes them.
  const net::FileDescriptor other = tcp_client(many.server.local());
  int before = -1;
  REQUIRE(eventually([&] {
    REQUIRE(send_all(other, framed(octets("and how are you?"))));
    REQUIRE(text(receive_message(other)) == "and how are you?");
    return std::exchange(before, many.made.messages.load()) == many.made.messages.load();
  }));
  CHECK(many.made.messages < kCount);
  expect_messages(client, kCount);
  expect_messages(client, 1);
  CHECK(text(receive_message(client)) == "behind both.");
  CHECK(many.made.gone == 2);
}

TEST_CASE("many messages: a client that has said all it had to say gets all of them") {
  ManyServer many;
  const net::FileDescriptor client = tcp_client(many.server.local());
  REQUIRE(send_all(client, framed(octets("many 100 ......"))));
  REQUIRE(::shutdown(client.get(), SHUT_WR) == 0);
  expect_messages(client, 100);
  CHECK(is_closed_by_peer(client));
}

TEST_CASE("many messages: the connection ends where the rest cannot be had") {
  ManyServer many;
  const net::FileDescriptor client = tcp_client(many.server.local());
  REQUIRE(send_all(client, framed(octets("break 0 ......."))));
  CHECK(is_closed_by_peer(client));
  CHECK(eventually([&] { return many.made.gone == 1; }));
}

TEST_CASE("many messages: let go of when the client goes") {
  ManyServer many;
  {
    const net::FileDescriptor client = tcp_client(many.server.local());
    REQUIRE(send_all(client, framed(octets("many 100000 ..."))));
    expect_messages(client, 2);
  }
  CHECK(eventually([&] { return many.made.gone == 1; }));
  CHECK(many.made.messages < 100'000);
}

}  // namespace

}  // namespace fairlead::listen
