#include "forward/tls.h"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <poll.h>

#include <fstream>
#include <mutex>

#include "test/unit/forward/asked.h"
#include "test/unit/forward/stream_recorder.h"
#include "test/unit/support/certificates.h"

namespace fairlead::forward {
namespace {

using net::SslFree;
using test::Identity;
using test::make_identity;

// What all tests trust and are served with.
struct Authority {
  Authority() {
    ca.write_certificate(ca_file);
    other_ca.write_certificate(other_ca_file);
  }
  test::TemporaryFolder folder;
  const Identity ca = make_identity("The authority", "", nullptr);
  const Identity other_ca = make_identity("Another authority", "", nullptr);
  const std::string ca_file = folder / "ca.pem";
  const std::string other_ca_file = folder / "other.pem";
};

Authority& authority() {
  static Authority made;
  return made;
}

// What the server saw and is to do; the script's threads read it.
struct TlsServer {
  explicit TlsServer(Identity its_identity)
      : identity(std::move(its_identity)), context(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
    const unsigned char id[] = "fairlead";
    SSL_CTX_set_session_id_context(context.get(), id, sizeof id - 1);
  }

  // Answers `limit` queries with themselves.
  void serve(ServerEnd& end, int limit) {
    const std::unique_ptr<SSL, SslFree> ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), end.socket());
    const int accepted = SSL_accept(ssl.get());
    if (accepted == 1) {
      ++handshakes;
      if (SSL_session_reused(ssl.get()) == 1) ++resumptions;
      const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
      {
        const std::lock_guard lock(mutex);
        server_name = name != nullptr ? name : "";
      }
      for (int i = 0; i < limit; ++i) {
        Octets frame(2);
        if (!exactly(ssl.get(), frame.data(), 2)) break;
        frame.resize(2U + static_cast<size_t>(frame[0] << 8 | frame[1]));
        if (!exactly(ssl.get(), frame.data() + 2, frame.size() - 2)) break;
        if (responds) frame[4] |= 0x80;  // QR: no error, no records
        SSL_write(ssl.get(), frame.data(), static_cast<int>(frame.size()));
      }
      SSL_shutdown(ssl.get());
    }
    ERR_clear_error();
  }

  static bool exactly(SSL* ssl, uint8_t* out, size_t size) {
    for (size_t at = 0; at < size;) {
      const int n = SSL_read(ssl, out + at, static_cast<int>(size - at));
      if (n <= 0) return false;
      at += static_cast<size_t>(n);
    }
    return true;
  }

  Identity identity;
  std::unique_ptr<SSL_CTX, SslFree> context;
  bool responds = false;  // rather than sending the query back as it is
  std::atomic<int> handshakes{0}, resumptions{0};
  std::mutex mutex;
  std::string server_name;  // under mutex
};

// A TLS server on loopback and a pool that asks it.
struct TlsStreams {
  TlsStreams(TlsServer& tls_server, std::string server_name, TlsSettings tls_settings,
             int per_connection = 1000)
      : server({[&tls_server, per_connection](ServerEnd& end) {
          tls_server.serve(end, per_connection);
        }}),
        upstream(server.upstream()) {
    upstream.transport = Transport::Tls;
    upstream.server_name = std::move(server_name);
    tls = std::make_unique<TlsClient>(make_tls_context(tls_settings), upstream);
    pool = std::make_unique<StreamPool>(context, settings, upstream, tls.get(), user);
  }
  ~TlsStreams() {
    pool.reset();
    context.poll();
  }

  // The reply or error of one query.
  std::string ask(uint32_t token) {
    const size_t before = user.told;
    const Octets query = message(static_cast<uint16_t>(token), 0xaa, 40);
    pool->send(token, query, kUsual);
    if (!run_until(context, [this, before] { return user.told > before; })) return "nothing";
    if (user.messages.count(token) == 0) return user.errors[token];
    return user.messages[token] == query ? "answered" : "another message";
  }

  Settings settings;
  StreamServer server;
  UpstreamSettings upstream;
  asio::io_context context;
  StreamRecorder user;
  std::unique_ptr<TlsClient> tls;
  std::unique_ptr<StreamPool> pool;
};

TEST_CASE("tls: whom the client talks to") {
  const std::string unknown =
      "tls: failed to verify certificate: x509: certificate signed by unknown authority";
  const std::string wrong =
      "tls: failed to verify certificate: x509: certificate is not valid for the upstream's name";
  const std::string expired =
      "tls: failed to verify certificate: x509: certificate has expired or is not yet valid";
  const struct {
    const char* what;
    const char* names;        // of the certificate
    const char* server_name;  // that is asked for
    std::string outcome;
    bool other_ca = false;
    long seconds = 86400;
  } rows[] = {
      {"the right name", "DNS:dns.x", "dns.x", "answered"},
      {"the right name with a dot", "DNS:dns.x", "dns.x.", "answered"},
      {"one of several names", "DNS:a.x,DNS:dns.x", "dns.x", "answered"},
      {"a wildcard", "DNS:*.x.y", "dns.x.y", "answered"},
      {"a wildcard does not cover two labels", "DNS:*.x.y", "a.dns.x.y", wrong},
      {"another name", "DNS:other.x", "dns.x", wrong},
      {"the address", "IP:127.0.0.1", "", "answered"},
      {"another address", "IP:127.0.0.2", "", wrong},
      {"a name instead of the address", "DNS:127.0.0.1", "", wrong},
      {"an address as the name", "IP:192.0.2.1", "192.0.2.1", "answered"},
      {"another authority", "DNS:dns.x", "dns.x", unknown, true},
      {"expired", "DNS:dns.x", "dns.x", expired, false, 1800},
      {"no name at all", "DNS:dns.x", ".", "tls: the server's name cannot be checked"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    TlsServer server(make_identity("upstream", row.names, &authority().ca, row.seconds));
    const std::string& trusted = row.other_ca ? authority().other_ca_file : authority().ca_file;
    TlsStreams streams(server, row.server_name, {.ca = trusted});
    CHECK(streams.ask(1) == row.outcome);
  }
}

TEST_CASE("tls: the name is sent, an address is not") {
  TlsServer server(make_identity("upstream", "DNS:dns.x,IP:127.0.0.1", &authority().ca));
  for (const std::string& name : {std::string("dns.x"), std::string()}) {
    TlsStreams streams(server, name, {.ca = authority().ca_file});
    CHECK(streams.ask(1) == "answered");
    const std::lock_guard lock(server.mutex);
    CHECK(server.server_name == name);
  }
}

TEST_CASE("tls: many queries on one connection, some of them large") {
  TlsServer server(make_identity("upstream", "IP:127.0.0.1", &authority().ca));
  TlsStreams streams(server, "", {.ca = authority().ca_file});
  for (uint32_t i = 0; i < 200; ++i) {
    streams.pool->send(i, message(1, static_cast<uint8_t>(i), 12 + i), kUsual);
  }
  REQUIRE(run_until(streams.context, [&streams] { return streams.user.told == 200; }));
  streams.pool->send(200, message(1, 1, 65535), kUsual);
  REQUIRE(run_until(streams.context, [&streams] { return streams.user.told == 201; }));
  for (uint32_t i = 0; i < 200; ++i) {
    CHECK(streams.user.messages[i] == message(1, static_cast<uint8_t>(i), 12 + i));
  }
  CHECK(streams.user.messages[200] == message(1, 1, 65535));
  CHECK(server.handshakes == 1);
}

TEST_CASE("tls: the next connection resumes the session") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    TlsServer server(make_identity("upstream", "IP:127.0.0.1", &authority().ca));
    SSL_CTX_set_max_proto_version(server.context.get(), version);
    TlsStreams streams(server, "", {.ca = authority().ca_file}, 1);
    for (uint32_t i = 0; i < 4; ++i) CHECK(streams.ask(i) == "answered");
    CHECK(server.handshakes == 4);
    CHECK(server.resumptions == 3);
  }
}

TEST_CASE("tls: a server that forgot the session is talked to all the same") {
  const Identity identity = make_identity("upstream", "IP:127.0.0.1", &authority().ca);
  TlsServer first(identity);
  TlsServer second(identity);
  std::atomic<bool> restarted{false};
  const StreamServer server({[&](ServerEnd& end) { (restarted ? second : first).serve(end, 1); }});
  UpstreamSettings upstream = server.upstream();
  const Settings settings;
  TlsClient tls(make_tls_context({.ca = authority().ca_file}), upstream);
  asio::io_context context;
  StreamRecorder user;
  StreamPool pool(context, settings, upstream, &tls, user);
  pool.send(1, message(1, 1), kUsual);
  REQUIRE(run_until(context, [&user] { return user.told == 1; }));
  restarted = true;
  pool.send(2, message(2, 2), kUsual);
  REQUIRE(run_until(context, [&user] { return user.told == 2; }));
  CHECK(user.messages.size() == 2);
  CHECK(second.handshakes == 1);
  CHECK(second.resumptions == 0);
}

TEST_CASE("tls: a client's certificate") {
  TlsServer server(make_identity("upstream", "IP:127.0.0.1", &authority().ca));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(server.context.get()),
                      authority().ca.certificate.get());
  SSL_CTX_set_verify(server.context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  TlsSettings settings{.ca = authority().ca_file};
  {
    TlsStreams without(server, "", settings);
    const std::string outcome = without.ask(1);
    CHECK(outcome != "answered");
    CHECK(outcome.starts_with("tls: "));
  }
  const Identity client = make_identity("client", "", &authority().ca);
  settings.cert = authority().folder / "client.pem";
  settings.key = authority().folder / "client.key";
  client.write_certificate(settings.cert);
  client.write_key(settings.key);
  TlsStreams with(server, "", settings);
  CHECK(with.ask(1) == "answered");
}

TEST_CASE("tls: versions before 1.2 are not spoken") {
  TlsServer server(make_identity("upstream", "IP:127.0.0.1", &authority().ca));
  SSL_CTX_set_min_proto_version(server.context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(server.context.get(), TLS1_1_VERSION);
  SSL_CTX_set_cipher_list(server.context.get(), "ALL:@SECLEVEL=0");
  TlsStreams streams(server, "", {.ca = authority().ca_file});
  const std::string outcome = streams.ask(1);
  CHECK(outcome != "answered");
  CHECK(outcome.starts_with("tls: "));
}

TEST_CASE("tls: a server that does not speak TLS") {
  const struct {
    const char* what;
    StreamServer::Script script;
    const char* outcome;  // its start
  } rows[] = {
      {"plain DNS",
       [](ServerEnd& end) {
         end.send(Octets(40, 1));
         end.at_end();
       },
       "tls: "},
      {"nothing, then the end", [](ServerEnd&) {}, "EOF"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const StreamServer server({[&row](ServerEnd& end) {
      char octets[512];
      if (::recv(end.socket(), octets, sizeof octets, 0) > 0) row.script(end);
    }});
    UpstreamSettings upstream = server.upstream();
    const Settings settings;
    TlsClient tls(make_tls_context({.ca = authority().ca_file}), upstream);
    asio::io_context context;
    StreamRecorder user;
    StreamPool pool(context, settings, upstream, &tls, user);
    pool.send(1, message(1, 1), kUsual);
    REQUIRE(run_until(context, [&user] { return user.told == 1; }));
    CHECK(user.errors[1].starts_with(row.outcome));
  }
}

/// Lets the first connections wait for their handshake until they are closed, or told to go on.
struct Stalling {
  Stalling()
      : server({[this](ServerEnd& end) { stall(end); },
                [this](ServerEnd& end) { tls.serve(end, 1000); }}) {
    UpstreamSettings upstream = server.upstream();
    upstream.transport = Transport::Tls;
    settings.upstreams = {upstream};
    settings.tls.ca = authority().ca_file;
    settings.max_fails = 0;
    tls.responds = true;
  }
  void stall(ServerEnd& end) {
    char octet = 0;
    const auto gone = [&] {
      ::recv(end.socket(), &octet, 1, MSG_PEEK);  // the client's first message
      const pollfd closed{end.socket(), POLLRDHUP, 0};
      pollfd fds[] = {closed};
      return ::poll(fds, 1, 10) == 1;
    };
    while (!go_on && !gone()) continue;
    if (go_on) tls.serve(end, 1000);
  }

  TlsServer tls{make_identity("upstream", "IP:127.0.0.1", &authority().ca)};
  std::atomic<bool> go_on{false};
  StreamServer server;
  Settings settings;
};

TEST_CASE("tls: a handshake that stalls costs half of a question's time at most") {
  Stalling stalling;
  Worker worker(stalling.settings);
  const Told first = worker.result();
  CHECK(first.status == Outcome::Status::Answered);
  CHECK(first.took < std::chrono::milliseconds(3500));
  const Told next = worker.result();
  CHECK(next.status == Outcome::Status::Answered);
  CHECK(next.took < std::chrono::milliseconds(500));
  CHECK(stalling.server.accepted() == 2);
}

TEST_CASE("tls: the only attempt may take all of a question's time to be set up") {
  Stalling stalling;
  stalling.settings.max_connect_attempts = 1;
  Worker worker(stalling.settings);
  Told told;
  worker.ask(told);
  const auto half = std::chrono::steady_clock::now() + std::chrono::milliseconds(2600);
  worker.run_until([&] { return told.times != 0 || std::chrono::steady_clock::now() > half; });
  stalling.go_on = true;
  REQUIRE(worker.run_until([&] { return told.times != 0; }));
  CHECK(told.status == Outcome::Status::Answered);
  CHECK(stalling.server.accepted() == 1);
}

TEST_CASE("tls: files that cannot be used are named") {
  const Authority& known = authority();
  const std::string junk = known.folder / "junk.pem";
  std::ofstream(junk) << "no certificate\n";
  const Identity client = make_identity("client", "", &known.ca);
  const std::string cert = known.folder / "one.pem";
  const std::string key = known.folder / "other.key";
  client.write_certificate(cert);
  make_identity("another", "", &known.ca).write_key(key);
  const struct {
    TlsSettings settings;
    std::string named;
  } rows[] = {
      {{.ca = "/nonexistent/ca.pem"}, "/nonexistent/ca.pem"},
      {{.ca = junk}, junk},
      {{.cert = "/nonexistent/c.pem", .key = key}, "/nonexistent/c.pem"},
      {{.cert = cert, .key = "/nonexistent/k.pem"}, "/nonexistent/k.pem"},
      {{.cert = junk, .key = key}, junk},
      {{.cert = cert, .key = junk}, junk},
      {{.cert = cert, .key = key}, key},  // not the certificate's
  };
  for (const auto& row : rows) {
    CAPTURE(row.named);
    std::string text;
    try {
      make_tls_context(row.settings);
    } catch (const std::runtime_error& error) {
      text = error.what();
    }
    CHECK(text.find(row.named) != std::string::npos);
  }
  CHECK_NOTHROW(TlsClient(make_tls_context({}), {}));
}

}  // namespace
}  // namespace fairlead::forward
