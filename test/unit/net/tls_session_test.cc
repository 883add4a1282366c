#include "net/tls_session.h"

#include <doctest/doctest.h>

#include <random>

#include "test/unit/support/tls_pair.h"

namespace fairlead::net {
namespace {

using test::certificate_of;
using test::Identity;
using test::key_of;
using test::make_identity;
using test::Octets;
using test::octets_of;
using test::TlsPair;
using State = TlsSession::State;

// Contexts that all tests use.
struct Contexts {
  const Identity authority = make_identity("The authority", "", nullptr);
  const Identity identity = make_identity("server", "DNS:dns.x", &authority);
  const std::shared_ptr<TicketKeys> tickets = std::make_shared<TicketKeys>();
  const std::shared_ptr<const TlsContext> client = make_client();
  const std::shared_ptr<const TlsContext> server = make_server();

  [[nodiscard]] std::shared_ptr<const TlsContext> make_client() const {
    return TlsContext::client({.ca = certificate_of(authority)});
  }
  [[nodiscard]] std::shared_ptr<const TlsContext> make_server(
      ClientAuth auth = ClientAuth::None) const {
    return TlsContext::server({.certificate = certificate_of(identity),
                               .key = key_of(identity),
                               .client_auth = auth,
                               .client_ca = certificate_of(authority),
                               .tickets = tickets});
  }
};

Contexts& contexts() {
  static Contexts made;
  return made;
}

struct OpenPair : TlsPair {
  OpenPair() : TlsPair(*contexts().client, *contexts().server) {
    move();
    REQUIRE(open());
  }
};

Octets output_of(TlsSession& session) {
  Octets octets;
  session.take_output(octets);
  return octets;
}

// Gives it octets and lets it make of them what it can.
void feed(TlsSession& session, std::span<const uint8_t> octets) {
  session.receive(octets);
  std::string heard;
  TlsPair::listen(session, heard);
}

TEST_CASE("tls session: what one end says the other hears") {
  OpenPair pair;
  CHECK(pair.client.write(octets_of("a question")));
  pair.move();
  CHECK(pair.heard_by_server == "a question");
  const std::string large(200'000, 'x');
  CHECK(pair.server.write(octets_of(large)));
  CHECK(pair.server.output() > large.size());
  pair.move();
  CHECK(pair.server.output() == 0);
  CHECK(pair.heard_by_client == large);
  CHECK(pair.client.write({}));
  CHECK(pair.client.output() == 0);
  CHECK(pair.client.error().empty());
}

TEST_CASE("tls session: nothing is said or heard before the handshake") {
  TlsPair pair(*contexts().client, *contexts().server);
  Octets plain(10);
  CHECK_FALSE(pair.client.write(octets_of("early")));
  CHECK(pair.client.read(plain) == 0);
  pair.client.end();
  CHECK(pair.client.state() == State::Handshake);
  CHECK(pair.client.output() == 0);
  CHECK(pair.server.advance() == State::Handshake);
  CHECK(pair.server.output() == 0);
}

TEST_CASE("tls session: octets may come one at a time") {
  TlsPair pair(*contexts().client, *contexts().server);
  pair.client.advance();
  for (int i = 0; i < 4 && !pair.open(); ++i) {
    for (const uint8_t octet : output_of(pair.client)) feed(pair.server, {&octet, 1});
    for (const uint8_t octet : output_of(pair.server)) feed(pair.client, {&octet, 1});
  }
  CHECK(pair.open());
}

TEST_CASE("tls session: goodbye") {
  for (const bool client_first : {true, false}) {
    OpenPair pair;
    TlsSession& first = client_first ? pair.client : pair.server;
    TlsSession& second = client_first ? pair.server : pair.client;
    first.end();
    CHECK(first.state() == State::Closed);
    CHECK_FALSE(first.write(octets_of("more")));
    pair.move();
    CHECK(second.state() == State::Closed);
    CHECK(second.error().empty());
    CHECK(second.output() == 0);
    second.end();
    const Octets answer = output_of(second);
    CHECK_FALSE(answer.empty());
    second.end();  // once is enough
    first.end();
    CHECK(second.output() == 0);
    CHECK(first.output() == 0);
    feed(first, answer);
    CHECK(first.state() == State::Closed);
  }
}

TEST_CASE("tls session: the next connection resumes, at any server with the same keys") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    const auto client = contexts().make_client();
    SSL_CTX_set_max_proto_version(client->native(), version);
    const auto session = std::make_shared<ResumableSession>();
    const auto resumed = [&](const TlsContext& server) {
      TlsPair pair(*client, server, "dns.x", session);
      pair.move();
      CHECK(pair.open());
      CHECK(pair.client.resumed() == pair.server.resumed());
      return pair.client.resumed();
    };
    CHECK_FALSE(resumed(*contexts().server));
    CHECK(resumed(*contexts().server));
    CHECK(resumed(*contexts().server));
    CHECK(resumed(*contexts().make_server()));  // as after a reload
    const auto other_keys = TlsContext::server({.certificate = certificate_of(contexts().identity),
                                                .key = key_of(contexts().identity),
                                                .tickets = std::make_shared<TicketKeys>()});
    CHECK_FALSE(resumed(*other_keys));
    CHECK(resumed(*other_keys));
    session->forget();
    CHECK_FALSE(resumed(*other_keys));
    const auto no_keys = TlsContext::server(
        {.certificate = certificate_of(contexts().identity), .key = key_of(contexts().identity)});
    session->forget();
    CHECK_FALSE(resumed(*no_keys));
    CHECK_FALSE(resumed(*no_keys));
  }
}

TEST_CASE("tls session: a ticket is no way around a client's certificate") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    const auto client = contexts().make_client();
    SSL_CTX_set_max_proto_version(client->native(), version);
    const auto session = std::make_shared<ResumableSession>();
    TlsPair open_to_all(*client, *contexts().server, "dns.x", session);
    open_to_all.move();
    REQUIRE(open_to_all.open());
    TlsPair strict(*client, *contexts().make_server(ClientAuth::RequireAndVerify), "dns.x",
                   session);
    strict.move();
    CHECK_FALSE(strict.server.resumed());
    CHECK(strict.server.state() == State::Failed);
  }
}

TEST_CASE("tls session: a session that failed is not resumed") {
  const auto session = std::make_shared<ResumableSession>();
  {
    TlsPair pair(*contexts().client, *contexts().server, "dns.x", session);
    pair.move();
    REQUIRE(pair.open());
    feed(pair.client, Octets(100, 1));
    REQUIRE(pair.client.state() == State::Failed);
  }
  TlsPair pair(*contexts().client, *contexts().server, "dns.x", session);
  pair.move();
  CHECK(pair.open());
  CHECK_FALSE(pair.client.resumed());
}

TEST_CASE("tls session: what is no TLS fails") {
  const struct {
    const char* what;
    std::string octets;
  } rows[] = {
      {"zeros", std::string(64, '\0')},
      {"HTTP", "GET / HTTP/1.1\r\nHost: dns.x\r\n\r\n"},
      {"DNS over TCP", std::string("\0\x1a\x12\x34\1\0\0\1\0\0\0\0\0\0\3www\4test\0\0\1\0\1", 28)},
      {"a record of an unknown kind", std::string("\x63\3\3\0\1\0", 6)},
      {"a record that is too long", std::string("\x16\3\3\xff\xff", 5) + std::string(70, 'x')},
      {"an alert", std::string("\x15\3\3\0\2\2\x28", 7)},
      {"data before the handshake", std::string("\x17\3\3\0\5hello", 10)},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    TlsSession server(*contexts().server);
    TlsSession client(*contexts().client, "dns.x");
    client.advance();
    for (TlsSession* session : {&server, &client}) {
      feed(*session, octets_of(row.octets));
      CHECK(session->state() == State::Failed);
      CHECK(session->error().starts_with("tls: "));
      output_of(*session);
      feed(*session, octets_of(row.octets));
      CHECK_FALSE(session->write(octets_of("more")));
      CHECK(session->output() == 0);
    }
  }
}

TEST_CASE("tls session: a handshake that ends early stays one") {
  const auto octets_at = [](size_t limit) {
    TlsPair pair(*contexts().client, *contexts().server);
    pair.client.advance();
    const Octets hello = output_of(pair.client);
    feed(pair.server, std::span(hello).first(std::min(limit, hello.size())));
    return std::pair(pair.server.state(), hello.size());
  };
  const size_t whole = octets_at(0).second;
  for (size_t limit = 0; limit < whole; limit += 7) {
    CAPTURE(limit);
    CHECK(octets_at(limit).first == State::Handshake);
  }
}

TEST_CASE("tls session: octets that were changed on their way are never heard") {
  std::mt19937 random(17);
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    TlsPair pair(*contexts().client, *contexts().server);
    const bool after = round % 2 == 0;
    if (after) pair.move();
    pair.client.advance();
    if (after) CHECK(pair.client.write(octets_of("a question")));
    Octets octets = output_of(pair.client);
    REQUIRE_FALSE(octets.empty());
    for (int changes = 0; changes < 3; ++changes) {
      octets[random() % octets.size()] ^= static_cast<uint8_t>(1 + random() % 255);
    }
    std::string heard;
    pair.server.receive(octets);
    TlsPair::listen(pair.server, heard);
    CHECK(heard.empty());
    CHECK((pair.server.state() == State::Failed) != pair.server.error().empty());
    CHECK((!after || pair.server.state() != State::Closed));
  }
}

// A client that does what TlsSession would not.
struct BareClient {
  BareClient() {
    SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl.get());
    expect_server(ssl.get(), "dns.x");
  }

  Octets output() const {
    Octets octets(BIO_ctrl_pending(SSL_get_wbio(ssl.get())));
    BIO_read(SSL_get_wbio(ssl.get()), octets.data(), static_cast<int>(octets.size()));
    return octets;
  }

  void shake_hands(TlsSession& server) const {
    while (SSL_do_handshake(ssl.get()) != 1 || server.advance() == State::Handshake) {
      feed(server, output());
      const Octets reply = output_of(server);
      REQUIRE_FALSE(reply.empty());
      BIO_write(SSL_get_rbio(ssl.get()), reply.data(), static_cast<int>(reply.size()));
    }
  }

  std::unique_ptr<SSL, SslFree> ssl{SSL_new(contexts().client->native())};
};

TEST_CASE("tls session: buffers have an end") {
  SUBCASE("of what is received") {
    OpenPair pair;
    const Octets piece(TlsSession::kMaxUnread, 0x17);
    pair.server.receive(piece);
    CHECK(pair.server.state() == State::Open);
    pair.server.receive(std::span(piece).first(1));
    CHECK(pair.server.state() == State::Failed);
    CHECK(pair.server.error() == "tls: more is received than read");
  }
  SUBCASE("of what is said") {
    OpenPair pair;
    const Octets piece(TlsSession::kMaxOutput / 2, 'x');
    CHECK(pair.server.write(piece));
    CHECK_FALSE(pair.server.write(piece));
    CHECK(pair.server.error() == "tls: more is to be sent than is taken");
  }
  SUBCASE("of what the other end asks for") {
    TlsSession server(*contexts().server);
    BareClient client;
    client.shake_hands(server);
    REQUIRE(server.state() == State::Open);
    // Every update of the keys is answered by one (RFC 8446 §4.6.3).
    while (server.state() == State::Open && server.output() < 2 * TlsSession::kMaxOutput) {
      REQUIRE(SSL_key_update(client.ssl.get(), SSL_KEY_UPDATE_REQUESTED) == 1);
      REQUIRE(SSL_write(client.ssl.get(), "x", 1) == 1);
      feed(server, client.output());
    }
    CHECK(server.error() == "tls: more is to be sent than is taken");
  }
}

}  // namespace
}  // namespace fairlead::net
