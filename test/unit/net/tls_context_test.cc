#include "net/tls_context.h"

#include <doctest/doctest.h>

#include <fstream>
#include <functional>

#include "test/unit/support/tls_pair.h"

namespace fairlead::net {
namespace {

using test::certificate_of;
using test::Identity;
using test::key_of;
using test::make_identity;
using test::TlsPair;
using State = TlsSession::State;

const Identity& authority() {
  static const Identity made = make_identity("The authority", "", nullptr);
  return made;
}

const Identity& stranger() {
  static const Identity made = make_identity("Another authority", "", nullptr);
  return made;
}

const Identity& server_identity() {
  static const Identity made = make_identity("server", "DNS:dns.x,IP:192.0.2.1", &authority());
  return made;
}

ServerTls server_tls(const Identity& identity = server_identity()) {
  return {.certificate = certificate_of(identity), .key = key_of(identity)};
}

ClientTls client_tls() {
  return {.ca = certificate_of(authority())};
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

TEST_CASE("tls context: whom a client believes") {
  const std::string refused = "tls: failed to verify certificate: x509: ";
  const std::string unknown = refused + "certificate signed by unknown authority";
  const std::string wrong = refused + "certificate is not valid for the server's name";
  const std::string expired = refused + "certificate has expired or is not yet valid";
  const Identity plain = make_identity("dns.x", "", &authority());
  const Identity old = make_identity("server", "DNS:dns.x", &authority(), 1800);
  const Identity below = make_identity("server", "DNS:dns.x", &stranger());
  const struct {
    const char* what;
    const Identity& identity;
    std::string name;
    std::string error;
    std::function<void(ClientTls&)> change = [](ClientTls&) {};
  } rows[] = {
      {"the right name", server_identity(), "dns.x", ""},
      {"with its final dot", server_identity(), "dns.x.", ""},
      {"an address", server_identity(), "192.0.2.1", ""},
      {"another name", server_identity(), "dns.y", wrong},
      {"another address", server_identity(), "192.0.2.2", wrong},
      {"no name", server_identity(), "", "tls: the server's name cannot be checked"},
      {"expired", old, "dns.x", expired},
      {"another authority", below, "dns.x", unknown},
      {"the system's", server_identity(), "dns.x", unknown, [](ClientTls& tls) { tls.ca = {}; }},
      {"anybody", below, "dns.y", "", [](ClientTls& tls) { tls.verify = false; }},
      {"anybody, without a name", below, "", "tls: the server's name cannot be checked",
       [](ClientTls& tls) { tls.verify = false; }},
      {"a subject is no name", plain, "dns.x", wrong},
      {"but where it counts", plain, "dns.x", "", [](ClientTls& tls) { tls.common_name = true; }},
      {"what the other end is called", server_identity(), "dns.y",
       refused + "certificate is not valid for the upstream's name",
       [](ClientTls& tls) { tls.peer = "upstream"; }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    ClientTls settings = client_tls();
    row.change(settings);
    TlsPair pair(*TlsContext::client(settings), *TlsContext::server(server_tls(row.identity)),
                 row.name);
    pair.move();
    CHECK(pair.client.error() == row.error);
    CHECK(pair.open() == row.error.empty());
  }
}

TEST_CASE("tls context: a name that could not be set is met by nobody") {
  const std::unique_ptr<SSL, SslFree> ssl(SSL_new(TlsContext::client(client_tls())->native()));
  CHECK_FALSE(expect_server(ssl.get(), ""));
  const bool refuses = SSL_get_verify_callback(ssl.get()) != nullptr;
  CHECK(refuses);
}

TEST_CASE("tls context: the environment names a file in place of the system's") {
  const test::TemporaryFolder folder;
  const std::string file = folder / "ca.pem";
  authority().write_certificate(file);
  const struct {
    std::string named;
    bool open;
  } rows[] = {{file, true}, {"/nonexistent/file.pem", false}, {"", false}};
  for (const auto& row : rows) {
    CAPTURE(row.named);
    ::setenv("SSL_CERT_FILE", row.named.c_str(), 1);
    const auto client = TlsContext::client({});
    ::unsetenv("SSL_CERT_FILE");
    TlsPair pair(*client, *TlsContext::server(server_tls()));
    pair.move();
    CHECK(pair.open() == row.open);
  }
}

TEST_CASE("tls context: an authority below another one") {
  const Identity middle = make_identity("The one between", "", &authority(), 86400, true);
  const Identity identity = make_identity("server", "DNS:dns.x", &middle);
  const std::string both = identity.certificate_pem() + middle.certificate_pem();
  ClientTls client = client_tls();
  ServerTls server = server_tls(identity);
  const auto open = [&client, &server] {
    TlsPair pair(*TlsContext::client(client), *TlsContext::server(server));
    pair.move();
    return pair.open();
  };
  CHECK_FALSE(open());
  server.certificate = {.text = both};
  CHECK(open());
  client.ca = certificate_of(middle);
  CHECK_FALSE(open());
  client.trust_intermediate = true;
  CHECK(open());
}

TEST_CASE("tls context: what a server wants of its clients") {
  const Identity good = make_identity("client", "", &authority());
  const Identity other = make_identity("client", "", &stranger());
  const struct {
    ClientAuth auth;
    bool without, with_other, with_good;
  } rows[] = {
      {ClientAuth::None, true, true, true},
      {ClientAuth::Request, true, true, true},
      {ClientAuth::Require, false, true, true},
      {ClientAuth::VerifyIfGiven, true, false, true},
      {ClientAuth::RequireAndVerify, false, false, true},
  };
  const auto open = [](ServerTls server, const Identity* shown) {
    ClientTls client = client_tls();
    if (shown != nullptr) client.certificate = certificate_of(*shown), client.key = key_of(*shown);
    TlsPair pair(*TlsContext::client(client), *TlsContext::server(server));
    pair.move();
    // What is wrong with its certificate a client of TLS 1.3 learns after its own handshake.
    CHECK((pair.server.state() == State::Failed) == (pair.client.state() == State::Failed));
    CHECK(pair.client.error().starts_with(pair.open() ? "" : "tls: "));
    return pair.open();
  };
  for (const auto& row : rows) {
    CAPTURE(static_cast<int>(row.auth));
    ServerTls server = server_tls();
    server.client_auth = row.auth;
    server.client_ca = certificate_of(authority());
    CHECK(open(server, nullptr) == row.without);
    CHECK(open(server, &other) == row.with_other);
    CHECK(open(server, &good) == row.with_good);
    server.client_ca = {};  // then whom the system trusts, where it matters
    CHECK(open(server, &good) == (row.auth < ClientAuth::VerifyIfGiven));
  }
}

TEST_CASE("tls context: why a server refused its client") {
  const Identity other = make_identity("client", "", &stranger());
  ServerTls server = server_tls();
  server.client_auth = ClientAuth::RequireAndVerify;
  server.client_ca = certificate_of(authority());
  ClientTls client = client_tls();
  client.certificate = certificate_of(other), client.key = key_of(other);
  TlsPair pair(*TlsContext::client(client), *TlsContext::server(server));
  pair.move();
  CHECK(pair.server.error() ==
        "tls: failed to verify certificate: x509: certificate signed by unknown authority");
}

TEST_CASE("tls context: the protocol both speak") {
  const struct {
    std::vector<std::string> client, server;
    std::string protocol;
    bool open = true;
  } rows[] = {
      {{}, {}, ""},
      {{"dot"}, {}, ""},
      {{}, {"dot"}, ""},
      {{"dot"}, {"dot"}, "dot"},
      {{"http/1.1", "h2"}, {"h2", "http/1.1"}, "h2"},  // the server chooses
      {{"doq"}, {"dot"}, "", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.protocol);
    ClientTls client = client_tls();
    client.alpn = row.client;
    ServerTls server = server_tls();
    server.alpn = row.server;
    TlsPair pair(*TlsContext::client(client), *TlsContext::server(server));
    pair.move();
    CHECK(pair.open() == row.open);
    CHECK(pair.client.protocol() == row.protocol);
    CHECK(pair.server.protocol() == row.protocol);
  }
  ClientTls client = client_tls();
  for (const std::string& name : {std::string(), std::string(256, 'a')}) {
    client.alpn = {name};
    CHECK(error_of([&client] { TlsContext::client(client); }).starts_with("tls: bad ALPN name"));
  }
}

TEST_CASE("tls context: versions before 1.2 are not spoken") {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    const auto client = TlsContext::client(client_tls());
    SSL_CTX_set_min_proto_version(client->native(), version);
    SSL_CTX_set_max_proto_version(client->native(), version);
    SSL_CTX_set_cipher_list(client->native(), "ALL:@SECLEVEL=0");
    TlsPair pair(*client, *TlsContext::server(server_tls()));
    pair.move();
    CHECK(pair.open() == (version >= TLS1_2_VERSION));
  }
}

TEST_CASE("tls context: what cannot be used is named, and nothing else is told of it") {
  const test::TemporaryFolder folder;
  const std::string cert = folder / "cert.pem", key = folder / "key.pem",
                    other = folder / "other.key", junk = folder / "junk.pem",
                    half = folder / "half.pem", locked = folder / "locked.key";
  server_identity().write_certificate(cert);
  server_identity().write_key(key);
  stranger().write_key(other);
  const std::string secret = "c2VjcmV0IHNlY3JldCBzZWNyZXQ=";
  const std::string damaged =
      "-----BEGIN CERTIFICATE-----\n" + secret + "\n-----END CERTIFICATE-----\n";
  std::ofstream(junk) << "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----\n";
  std::ofstream(half) << server_identity().certificate_pem() << damaged;
  std::ofstream(locked) << "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + secret +
                               "\n-----END ENCRYPTED PRIVATE KEY-----\n";
  const std::string none = "/nonexistent/file.pem";
  const struct {
    std::string ca, cert, key;
    std::string error;  // its start
  } rows[] = {
      {none, "", "", "tls: cannot use the CA file " + none + ": No such file or directory"},
      {junk, "", "", "tls: cannot use the CA file " + junk + ": no certificate found"},
      {"", none, key, "tls: cannot use the certificate file " + none + ": No such file"},
      {"", junk, key, "tls: cannot use the certificate file " + junk + ": no start line"},
      {"", half, key, "tls: cannot use the certificate file " + half + ": "},
      {"", cert, none, "tls: cannot use the key file " + none + ": No such file"},
      {"", cert, junk, "tls: cannot use the key file " + junk + ": "},
      {"", cert, locked, "tls: cannot use the key file " + locked + ": "},
      {"", cert, other, "tls: cannot use the key file " + other + ": key values mismatch"},
      {"", cert, "", "tls: a certificate and its key must be given together"},
      {"", "", key, "tls: a certificate and its key must be given together"},
      {"", cert, key, "none"},
      {half, cert, key, "none"},  // as in Go, one certificate that can be read is enough
  };
  for (const auto& row : rows) {
    CAPTURE(row.error);
    const std::string as_client = error_of([&row] {
      TlsContext::client(
          {.ca = {.file = row.ca}, .certificate = {.file = row.cert}, .key = {.file = row.key}});
    });
    CHECK(as_client.starts_with(row.error));
    CHECK(as_client.find("c2Vj") == std::string::npos);
    CHECK(as_client.find("secret") == std::string::npos);
    if (row.cert.empty()) continue;
    const std::string as_server = error_of([&row] {
      TlsContext::server({.certificate = {.file = row.cert},
                          .key = {.file = row.key},
                          .client_ca = {.file = row.ca}});
    });
    CHECK(as_server == as_client);
  }
  CHECK(error_of([] { TlsContext::client({.ca = {.text = "no certificate"}}); }) ==
        "tls: cannot use the CA: no certificate found");
  CHECK(error_of([] { TlsContext::server({}); }) ==
        "tls: a certificate and its key must be given together");
}

TEST_CASE("tls context: connections outlive it") {
  const Identity client_identity = make_identity("client", "", &authority());
  auto client = TlsContext::client(client_tls());
  ServerTls settings = server_tls();
  settings.alpn = {"dot"};
  settings.tickets = std::make_shared<TicketKeys>();
  auto server = TlsContext::server(settings);
  settings.tickets.reset();
  TlsPair pair(*client, *server);
  client.reset();
  server.reset();
  pair.move();
  CHECK(pair.open());
}

}  // namespace
}  // namespace fairlead::net
