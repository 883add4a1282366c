// What every implementation of k8s-watch/transport.h promises about TLS. Built once for each of
// them.
#include "test/unit/k8s-watch/transport_client.h"
#include "test/unit/support/certificates.h"

namespace fairlead::k8s_watch {
namespace {

using namespace test;
using fairlead::test::Identity;

/// A certificate authority of its own.
struct Authority {
  [[nodiscard]] std::string pem() const { return identity.certificate_pem(); }

  [[nodiscard]] Identity issue(const std::string& names) const {
    return fairlead::test::make_identity("somebody", names, &identity);
  }

  const Identity identity = fairlead::test::make_identity("test authority", "", nullptr);
};

struct SecureServer {
  Authority authority;
  HttpServer server;

  explicit SecureServer(const std::string& names, bool wants_client = false)
      : server(always(response(200, "secret")), options(names, wants_client)) {}

  HttpServer::Options options(const std::string& names, bool wants_client) {
    const Identity identity = authority.issue(names);
    HttpServer::Options options;
    options.cert_pem = identity.certificate_pem();
    options.key_pem = identity.key_pem();
    if (wants_client) options.client_ca_pem = authority.pem();
    return options;
  }
};

TEST_CASE("transport: TLS to an address and to a name") {
  SecureServer secure("IP:127.0.0.1,DNS:localhost");
  for (const char* host : {"127.0.0.1", "localhost"}) {
    CAPTURE(host);
    const Received received =
        Client(access_to(secure.server.url(host), secure.authority.pem())).get(patient("/"));
    CHECK(received.error == "");
    CHECK(received.body == "secret");
  }
}

TEST_CASE("transport: a server that does not prove who it is gets no request") {
  const Authority other;
  SecureServer right("IP:127.0.0.1"), wrong_address("IP:10.0.0.1"),
      wrong_name("DNS:elsewhere.test,IP:127.0.0.1");
  const struct {
    const char* what;
    std::string url, ca;
  } kCases[] = {
      {"another CA", right.server.url(), other.pem()},
      {"the system's CAs", right.server.url(), ""},
      {"another address", wrong_address.server.url(), wrong_address.authority.pem()},
      {"another name", wrong_name.server.url("localhost"), wrong_name.authority.pem()},
  };
  for (const auto& test : kCases) {
    CAPTURE(test.what);
    const Received received = Client(access_to(test.url, test.ca)).get(patient("/"));
    CHECK(received.status == 0);
    CHECK(received.error != "");
  }
}

TEST_CASE("transport: insecure-skip-tls-verify") {
  SecureServer secure("DNS:elsewhere.test");
  ApiAccess access = access_to(secure.server.url());
  access.insecure = true;
  CHECK(Client(access).get(patient("/")).body == "secret");
}

TEST_CASE("transport: a client certificate is shown when there is one") {
  SecureServer secure("IP:127.0.0.1", true);
  ApiAccess access = access_to(secure.server.url(), secure.authority.pem());
  CHECK(Client(access).get(patient("/")).error != "");
  const Identity client = secure.authority.issue("DNS:fairlead");
  access.cert_pem = client.certificate_pem();
  access.key_pem = client.key_pem();
  const Received received = Client(access).get(patient("/"));
  CHECK(received.error == "");
  CHECK(received.body == "secret");
}

TEST_CASE("transport: what cannot be used is refused before any request") {
  const Authority authority;
  const Identity one = authority.issue("DNS:one"), two = authority.issue("DNS:two");
  const auto refused = [](const std::function<void(ApiAccess&)>& change) {
    ApiAccess access = access_to("https://127.0.0.1:1");
    change(access);
    asio::io_context io;
    CHECK_THROWS_AS(make_transport(io, access), std::runtime_error);
  };
  refused([](ApiAccess& a) { a.url = "ftp://127.0.0.1"; });
  refused([](ApiAccess& a) { a.url = "https://"; });
  refused([](ApiAccess& a) { a.ca_pem = "no certificate"; });
  refused([](ApiAccess& a) { a.cert_pem = "no certificate", a.key_pem = "no key"; });
  refused([&](ApiAccess& a) { a.cert_pem = one.certificate_pem(); });
  refused([&](ApiAccess& a) { a.cert_pem = one.certificate_pem(), a.key_pem = two.key_pem(); });
}

// The one point where the implementations differ: cpprestsdk says so clearly instead.
TEST_CASE("transport: an IPv6 address, and a server name that is not the URL's") {
  const Authority authority;
  const Identity identity = authority.issue("IP:::1,DNS:api.test");
  HttpServer::Options options;
  options.address = "::1";
  options.cert_pem = identity.certificate_pem();
  options.key_pem = identity.key_pem();
  HttpServer server(always(response(200, "six")), options);
  for (const char* name : {"", "api.test"}) {
    CAPTURE(name);
    ApiAccess access = access_to(server.url("[::1]"), authority.pem());
    access.server_name = name;
    try {
      const Received received = Client(access).get(patient("/"));
      CHECK(received.error == "");
      CHECK(received.body == "six");
    } catch (const std::runtime_error& error) {
      CHECK(std::string(error.what()).find("cpprestsdk") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace fairlead::k8s_watch
