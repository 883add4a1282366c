// DNS over TLS on a worker: what a client sees, and what it costs others.
#include <doctest/doctest.h>

#include "listen/tcp.h"
#include "net/current_tls.h"
#include "test/unit/support/running_worker.h"
#include "test/unit/support/tls_pair.h"

namespace fairlead::listen {

using namespace test;

namespace {

using std::chrono::milliseconds;
using State = net::TlsSession::State;

// Identities and contexts that all tests use: keys take time.
struct Identities {
  const Identity authority = make_identity("The authority", "", nullptr);
  const Identity first = make_identity("first", "DNS:dns.x", &authority);
  const Identity second = make_identity("second", "DNS:other.x", &authority);
  const std::shared_ptr<net::TicketKeys> tickets = std::make_shared<net::TicketKeys>();
  const std::shared_ptr<const net::TlsContext> client =
      net::TlsContext::client({.ca = certificate_of(authority), .alpn = {"dot"}});

  [[nodiscard]] std::shared_ptr<const net::TlsContext> server(const Identity& identity) const {
    return net::TlsContext::server({.certificate = certificate_of(identity),
                                    .key = key_of(identity),
                                    .alpn = {"dot"},
                                    .tickets = tickets});
  }
};

const Identities& identities() {
  static const Identities made;
  return made;
}

// A worker whose listener wants TLS.
struct TlsWorker : RunningWorker {
  explicit TlsWorker(TcpSettings settings = {}, const MakeResponder& make = make_echo,
                     const TcpOptions& options = {})
      : RunningWorker(options, loopback(), make) {
    settings.tls = current;
    worker().set_tcp(7, settings);
  }
  const std::shared_ptr<net::CurrentTls> current =
      std::make_shared<net::CurrentTls>(identities().server(identities().first));
};

// A client on a blocking socket.
class TlsClient {
 public:
  explicit TlsClient(const net::Endpoint& server, const std::string& name = "dns.x",
                     std::shared_ptr<net::ResumableSession> resumable = nullptr)
      : session(*identities().client, name, std::move(resumable)), socket(tcp_client(server)) {}

  bool handshake() {
    session.advance();
    push();
    while (session.state() == State::Handshake && take()) {
      session.advance();
      push();
    }
    return session.state() == State::Open;
  }

  bool send(std::span<const uint8_t> octets) { return session.write(octets) && push(); }

  /// The next message; empty at the end.
  Octets message() {
    const auto whole = [&] {
      return plain_.size() >= 2 && plain_.size() >= size_t{2} + (plain_[0] << 8 | plain_[1]);
    };
    while (!whole()) {
      Octets some(20'000);
      const size_t size = session.read(some);
      plain_.insert(plain_.end(), some.begin(), some.begin() + static_cast<long>(size));
      if (size == 0 && (session.state() != State::Open || !take())) return {};
    }
    const size_t end = size_t{2} + static_cast<size_t>(plain_[0] << 8 | plain_[1]);
    const Octets message(plain_.begin() + 2, plain_.begin() + static_cast<long>(end));
    plain_.erase(plain_.begin(), plain_.begin() + static_cast<long>(end));
    return message;
  }

  bool push() {
    Octets octets;
    session.take_output(octets);
    return send_all(socket, octets);
  }

  net::TlsSession session;
  net::FileDescriptor socket;
  size_t records = 0;  // of TLS, that have come

 private:
  // Records begin with a type, a version and two octets of length (RFC 8446 §5.1).
  void count(std::span<const uint8_t> octets) {
    constexpr size_t kHead = 5;
    cipher_.insert(cipher_.end(), octets.begin(), octets.end());
    size_t at = 0;
    while (cipher_.size() - at >= kHead) {
      const size_t size = kHead + static_cast<size_t>(cipher_[at + 3] << 8 | cipher_[at + 4]);
      if (cipher_.size() - at < size) break;
      at += size;
      ++records;
    }
    cipher_.erase(cipher_.begin(), cipher_.begin() + static_cast<long>(at));
  }

  bool take() {
    Octets some(16'384);
    if (!wait_for(socket.get(), POLLIN)) return false;
    const ssize_t n = ::recv(socket.get(), some.data(), some.size(), 0);
    if (n <= 0) return false;
    count(std::span(some).first(static_cast<size_t>(n)));
    session.receive(std::span(some).first(static_cast<size_t>(n)));
    return true;
  }

  Octets plain_;
  Octets cipher_;  // of a record that has not come whole
};

bool is_served_tls(const net::Endpoint& server) {
  TlsClient client(server);
  return client.handshake() && client.send(framed(octets("a normal query"))) &&
         text(client.message()) == "a normal query";
}

TEST_CASE("tls: a query is answered, the protocol is dot") {
  TlsWorker server;
  TlsClient client(server.local());
  REQUIRE(client.handshake());
  CHECK(client.session.protocol() == "dot");
  REQUIRE(client.send(framed(octets("who is asking?"))));
  CHECK(text(client.message()) == "tcp 127.0.0.1 " + to_text(server.local()) + " 7");
  CHECK(server.tcp().handshakes.value() == 1);
}

TEST_CASE("tls: many queries in one record, and one query in many records") {
  TlsWorker server;
  TlsClient client(server.local());
  REQUIRE(client.handshake());
  Octets all;
  for (int i = 0; i < 500; ++i) {
    const Octets one = framed(octets("pipelined query " + std::to_string(i)));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(client.send(all));
  for (int i = 0; i < 500; ++i)
    REQUIRE(text(client.message()) == "pipelined query " + std::to_string(i));
  const Octets frame = framed(octets("cut into pieces"));
  for (size_t at = 0; at < frame.size(); ++at)
    REQUIRE(client.send(std::span(frame).subspan(at, 1)));
  CHECK(text(client.message()) == "cut into pieces");
  const Octets largest(65535, 'x');
  REQUIRE(client.send(framed(largest)));
  CHECK(client.message() == largest);
}

TEST_CASE("tls: queries that arrive together, each in its record, are answered in one") {
  TlsWorker server;
  TlsClient client(server.local());
  REQUIRE(client.handshake());
  REQUIRE(client.send(framed(octets("behind the tickets"))));
  REQUIRE(text(client.message()) == "behind the tickets");
  const size_t before = client.records;
  for (int i = 0; i < 50; ++i)
    REQUIRE(client.session.write(framed(octets("question number " + std::to_string(i)))));
  REQUIRE(client.push());
  for (int i = 0; i < 50; ++i)
    REQUIRE(text(client.message()) == "question number " + std::to_string(i));
  CHECK(client.records - before < 50);
}

TEST_CASE("tls: replies larger than the socket's buffer arrive whole") {
  TlsWorker server;
  TlsClient client(server.local());
  REQUIRE(client.handshake());
  Octets all;
  for (int i = 0; i < 100; ++i) {
    const Octets one = framed(octets("big reply, please"));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(client.send(all));
  for (int i = 0; i < 100; ++i) {
    const Octets reply = client.message();
    REQUIRE(reply.size() == 60'000);
    REQUIRE(reply.back() == 'b');
  }
}

TEST_CASE("tls: a client that never reads is closed, others are served meanwhile") {
  TcpSettings settings;
  settings.write = milliseconds(200);
  TlsWorker server(settings);
  TlsClient client(server.local());
  REQUIRE(client.handshake());
  Octets all;
  for (int i = 0; i < 500; ++i) {
    const Octets one = framed(octets("big reply, please"));
    all.insert(all.end(), one.begin(), one.end());
  }
  REQUIRE(client.send(all));
  CHECK(eventually([&] { return server.tcp().slow_closed.value() == 1; }));
  CHECK(is_served_tls(server.local()));
}

TEST_CASE("tls: a handshake has to end in time") {
  TcpSettings settings;
  settings.read = milliseconds(100);
  TlsWorker server(settings);
  const net::FileDescriptor silent = tcp_client(server.local());
  CHECK(is_closed_by_peer(silent));
  // Each octet comes well before the deadline.
  TlsClient slow(server.local());
  slow.session.advance();
  Octets hello;
  slow.session.take_output(hello);
  size_t sent = 0;
  while (sent < hello.size() && !wait_for(slow.socket.get(), POLLIN, 5)) {
    if (!send_all(slow.socket, std::span(hello).subspan(sent++, 1))) break;
  }
  CHECK(sent < hello.size());
  CHECK(is_closed_by_peer(slow.socket));
  CHECK(eventually([&] { return server.tcp().handshakes_failed.value() == 2; }));
}

TEST_CASE("tls: a handshake too many is refused, one that has ended counts no longer") {
  TcpOptions options;
  options.handshakes = 2;
  TlsWorker server({}, make_echo, options);
  TlsClient served(server.local());
  REQUIRE(served.handshake());
  REQUIRE(served.send(framed(octets("asked before"))));
  CHECK(text(served.message()) == "asked before");  // the server has seen the handshake's end
  net::FileDescriptor silent = tcp_client(server.local());
  const net::FileDescriptor other = tcp_client(server.local());
  for (int i = 0; i < 3; ++i) CHECK(is_closed_by_peer(tcp_client(server.local())));
  CHECK(server.tcp().handshakes_refused.value() == 3);
  REQUIRE(served.send(framed(octets("asked meanwhile"))));
  CHECK(text(served.message()) == "asked meanwhile");
  silent.reset();
  CHECK(eventually([&] { return server.tcp().handshakes_failed.value() == 1; }));
  CHECK(is_served_tls(server.local()));
  CHECK(is_served_tls(server.local()));
  CHECK(server.tcp().handshakes_refused.value() == 3);
}

TEST_CASE("tls: who has ended the handshake may wait before the first query") {
  TcpSettings settings;
  settings.read = milliseconds(100);
  settings.idle = milliseconds(100);
  TlsWorker server(settings);
  TlsClient client(server.local());
  REQUIRE(client.handshake());
  ::poll(nullptr, 0, 400);  // more than a handshake has
  REQUIRE(client.send(framed(octets("a late query"))));
  CHECK(text(client.message()) == "a late query");
  CHECK(client.message().empty());  // idle
  CHECK(client.session.state() == State::Closed);
  CHECK(eventually([&] { return server.tcp().idle_closed.value() == 1; }));
}

TEST_CASE("tls: what is no TLS costs its own connection only") {
  TlsWorker server;
  const Octets query = framed(octets("a query in plain text"));
  std::vector<Octets> all = {query, Octets(20'000, 0xff), Octets(1, 0x16), {}};
  Octets records = {0x16, 3, 1, 0x40, 0};  // a record that says it is large
  records.resize(70'000, 0);
  all.push_back(records);
  for (int i = 0; i < 40; ++i) {
    const net::FileDescriptor client = tcp_client(server.local());
    send_all(client, all[static_cast<size_t>(i) % all.size()]);
    ::shutdown(client.get(), SHUT_WR);
    CHECK(is_closed_by_peer(client));
  }
  CHECK(is_served_tls(server.local()));
  CHECK(eventually([&] { return server.tcp().connections.value() == 0; }));
  CHECK(server.tcp().received.value() == 1);
}

TEST_CASE("tls: a client that has said goodbye behind its query still gets the answer") {
  TlsWorker server;
  TlsClient client(server.local());
  REQUIRE(client.handshake());
  REQUIRE(client.session.write(framed(octets("the only query"))));
  client.session.end();
  REQUIRE(client.push());
  // Its own library reads no more: what comes is more than an alert.
  Octets some(1000);
  ssize_t size = 0;
  for (ssize_t n = 0; (n = ::recv(client.socket.get(), some.data(), some.size(), 0)) > 0;)
    size += n;
  CHECK(size > 30);
  CHECK(server.tcp().answered.value() == 1);
}

TEST_CASE("tls: a session goes on at another worker") {
  TlsWorker one;
  TlsWorker other;
  const auto resumable = std::make_shared<net::ResumableSession>();
  {
    TlsClient client(one.local(), "dns.x", resumable);
    REQUIRE(client.handshake());
    REQUIRE(client.send(framed(octets("a first query"))));
    CHECK(text(client.message()) == "a first query");
    CHECK_FALSE(client.session.resumed());
  }
  TlsClient client(other.local(), "dns.x", resumable);
  REQUIRE(client.handshake());
  CHECK(client.session.resumed());
  REQUIRE(client.send(framed(octets("a second query"))));
  CHECK(text(client.message()) == "a second query");
  CHECK(other.tcp().handshakes_resumed.value() == 1);
}

TEST_CASE("tls: a new certificate is for new connections") {
  TlsWorker server;
  TlsClient old(server.local());
  REQUIRE(old.handshake());
  server.current->set(identities().server(identities().second));
  CHECK_FALSE(TlsClient(server.local(), "dns.x").handshake());
  CHECK(TlsClient(server.local(), "other.x").handshake());
  REQUIRE(old.send(framed(octets("an old client"))));
  CHECK(text(old.message()) == "an old client");
}

TEST_CASE("tls: closing the listener lets a connection finish and says goodbye") {
  TlsWorker server;
  TlsClient client(server.local());
  REQUIRE(client.handshake());
  const net::FileDescriptor begun = tcp_client(server.local());
  REQUIRE(client.send(framed(octets("the last query"))));
  CHECK(text(client.message()) == "the last query");
  server.worker().remove(7, {});
  CHECK(client.message().empty());
  CHECK(client.session.state() == State::Closed);
  CHECK(is_closed_by_peer(begun));
}

}  // namespace
}  // namespace fairlead::listen
