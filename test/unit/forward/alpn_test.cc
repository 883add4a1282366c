// Which protocol a connection to an upstream speaks.
#include <doctest/doctest.h>

#include "forward/tls.h"
#include "test/unit/support/temporary_folder.h"
#include "test/unit/support/tls_pair.h"

namespace fairlead::forward {
namespace {

TEST_CASE("alpn: what is offered, the best first, and chosen") {
  const test::TemporaryFolder folder;
  const test::Identity signer = test::make_identity("The authority", "", nullptr);
  const test::Identity identity = test::make_identity("upstream", "DNS:dns.x", &signer);
  const std::string ca = folder / "ca.pem";
  signer.write_certificate(ca);
  const struct {
    Transport transport;
    std::vector<std::string> server;  // what it knows; the first that is offered too is chosen
    bool open;
    const char* chosen;
  } rows[] = {
      {Transport::Tls, {"dot"}, true, "dot"},
      {Transport::Tls, {}, true, ""},
      {Transport::Tls, {"h2"}, false, ""},
      {Transport::Https, {"h2", "http/1.1"}, true, "h2"},
      {Transport::Https, {"http/1.1"}, true, "http/1.1"},
      {Transport::Https, {}, true, ""},
      {Transport::Https, {"dot"}, false, ""},
  };
  for (const auto& row : rows) {
    const auto client = make_tls_context({.ca = ca}, row.transport);
    const auto server = net::TlsContext::server({.certificate = test::certificate_of(identity),
                                                 .key = test::key_of(identity),
                                                 .alpn = row.server});
    test::TlsPair pair(*client, *server);
    pair.move();
    CHECK(pair.open() == row.open);
    CHECK(pair.client.protocol() == row.chosen);
  }
}

}  // namespace
}  // namespace fairlead::forward
