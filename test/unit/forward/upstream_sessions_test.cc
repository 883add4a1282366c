// Which TLS sessions are shared: those of the same upstream under the same trust.
#include <doctest/doctest.h>

#include <fstream>

#include "forward/tls.h"
#include "test/unit/support/certificates.h"
#include "test/unit/support/temporary_folder.h"

namespace fairlead::forward {
namespace {

using test::Identity;
using test::make_identity;

// Files of TLS, and what becomes of them.
struct Files {
  Files() {
    ca.write_certificate(settings.ca);
    own.write_certificate(settings.cert);
    own.write_key(settings.key);
  }
  [[nodiscard]] std::shared_ptr<const net::TlsContext> context(
      Transport transport = Transport::Tls) const {
    return make_tls_context(settings, transport);
  }

  test::TemporaryFolder folder;
  const Identity ca = make_identity("One authority", "", nullptr);
  const Identity other_ca = make_identity("Another authority", "", nullptr);
  const Identity own = make_identity("client", "", &ca);
  const Identity renewed = make_identity("client", "", &ca);
  TlsSettings settings{folder / "own.pem", folder / "own.key", folder / "ca.pem"};
};

UpstreamSettings upstream() {
  UpstreamSettings made;
  made.transport = Transport::Tls;
  made.address = *dns::IpAddress::from_text("192.0.2.1");
  made.port = 853;
  made.server_name = "dns.x";
  return made;
}

TEST_CASE("upstream sessions: one for each upstream") {
  const Files files;
  UpstreamSessions sessions;
  const auto first = sessions.of(*files.context(), upstream());
  CHECK(sessions.of(*files.context(), upstream()) == first);
  const struct {
    const char* what;
    void (*change)(UpstreamSettings&);
  } rows[] = {
      {"address", [](auto& it) { it.address = *dns::IpAddress::from_text("192.0.2.2"); }},
      {"port", [](auto& it) { it.port = 8853; }},
      {"name", [](auto& it) { it.server_name = "dns.y"; }},
      {"no name", [](auto& it) { it.server_name.clear(); }},
      {"interface", [](auto& it) { it.scope = "eth0"; }},
      {"transport", [](auto& it) { it.transport = Transport::Https; }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    UpstreamSettings other = upstream();
    row.change(other);
    CHECK(sessions.of(*files.context(other.transport), other) != first);
  }
  CHECK(sessions.of(*files.context(), upstream()) == first);
}

TEST_CASE("upstream sessions: what is believed, and who asks") {
  const struct {
    const char* what;
    void (*change)(Files&);
    bool same;
  } rows[] = {
      {"nothing", [](Files&) {}, true},
      {"the same in another file",
       [](Files& files) { files.ca.write_certificate(files.settings.ca = files.folder / "b.pem"); },
       true},
      {"another authority",
       [](Files& files) { files.other_ca.write_certificate(files.settings.ca); }, false},
      {"one more authority",
       [](Files& files) {
         std::ofstream(files.settings.ca, std::ios::app) << files.other_ca.certificate_pem();
       },
       false},
      {"the system's authorities", [](Files& files) { files.settings.ca.clear(); }, false},
      {"another certificate of ours",
       [](Files& files) {
         files.renewed.write_certificate(files.settings.cert);
         files.renewed.write_key(files.settings.key);
       },
       false},
      {"none of ours",
       [](Files& files) {
         files.settings.cert.clear();
         files.settings.key.clear();
       },
       false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    Files files;
    UpstreamSessions sessions;
    const auto before = sessions.of(*files.context(), upstream());
    row.change(files);
    CHECK((sessions.of(*files.context(), upstream()) == before) == row.same);
  }
}

TEST_CASE("upstream sessions: forgotten with the last who has it") {
  const Files files;
  UpstreamSessions sessions;
  std::weak_ptr<net::ResumableSession> seen;
  {
    const auto session = sessions.of(*files.context(), upstream());
    seen = session;
  }
  CHECK(seen.expired());
  CHECK(sessions.of(*files.context(), upstream()) != nullptr);
}

}  // namespace
}  // namespace fairlead::forward
