// A certificate that is renewed while it is served.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "plugins/tls/renewal.h"
#include "test/unit/plugins/surroundings.h"
#include "test/unit/support/temporary_folder.h"
#include "test/unit/support/tls_pair.h"

namespace fairlead::plugins::tls {
namespace fs = std::filesystem;
using fairlead::plugins::testing::Surroundings;
using test::Identity;
using test::make_identity;

namespace {

struct Folder {
  const test::TemporaryFolder folder;
  Surroundings around;

  void put(const Identity& identity, const std::string& at = "") const {
    identity.write_certificate(folder / (at + "tls.crt"));
    identity.write_key(folder / (at + "tls.key"));
  }
  std::shared_ptr<Renewal> start() {
    TlsIdentity identity;
    identity.certificate = folder / "tls.crt";
    identity.key = folder / "tls.key";
    return std::make_shared<Renewal>(identity, std::make_shared<net::TicketKeys>(), around.control,
                                     around.log);
  }
  std::string log() {
    around.log.flush(std::chrono::seconds(10));
    return around.pipe.now();
  }
};

// Whom new connections meet: the one of `all` whose name is trusted.
bool meets(const Renewal& renewal, const Identity& identity) {
  const auto client = net::TlsContext::client({.ca = test::certificate_of(identity)});
  const auto server = renewal.current("tls")->get();
  test::TlsPair pair(*client, *server);
  pair.move();
  return pair.open();
}

// The lines of a scrape that begin with `name`.
std::string scraped(Folder& at, const Renewal& renewal, const std::string& name) {
  at.around.metrics.set_served({[&](metrics::FamilySet& families) { renewal.collect(families); }});
  std::istringstream text(at.around.metrics.text());
  at.around.metrics.set_served({});
  std::string found;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(name)) found += line + "\n";
  }
  return found;
}

double expiry(Folder& at, const Renewal& renewal) {
  const std::string line =
      scraped(at, renewal, "fairlead_tls_certificate_expiry_timestamp_seconds{");
  return std::stod(line.substr(line.rfind(' ')));
}

bool has_renewals(Folder& at, const Renewal& renewal, const std::string& result) {
  const std::string lines = scraped(at, renewal, "fairlead_tls_renewals_total{");
  return lines.find("result=\"" + result + "\"} 1\n") != std::string::npos;
}

}  // namespace

TEST_CASE("tls renewal: a new pair is for new connections") {
  Folder at;
  const Identity first = make_identity("first", "DNS:dns.x", nullptr);
  const Identity second = make_identity("second", "DNS:dns.x", nullptr, 2 * 86400);
  at.put(first);
  const auto renewal = at.start();
  renewal->check();
  CHECK(at.log().empty());
  CHECK(meets(*renewal, first));
  const double before = expiry(at, *renewal);
  at.put(second);
  renewal->check();
  CHECK(meets(*renewal, second));
  CHECK(at.log().find("[INFO] plugin/tls: certificate ") == 0);
  CHECK(expiry(at, *renewal) > before + 80'000);
  CHECK(has_renewals(at, *renewal, "used"));
}

TEST_CASE("tls renewal: what cannot be used leaves the old one, and is told once") {
  Folder at;
  const Identity first = make_identity("first", "DNS:dns.x", nullptr);
  const Identity second = make_identity("second", "DNS:dns.x", nullptr);
  at.put(first);
  const auto renewal = at.start();
  second.write_certificate(at.folder / "tls.crt");  // and not its key
  renewal->check();
  renewal->check();
  CHECK(meets(*renewal, first));
  const std::string log = at.log();
  CHECK(log.find("[ERROR] plugin/tls: the new certificate ") == 0);
  CHECK(log.find("key values mismatch; the old one stays, valid until 2") != std::string::npos);
  CHECK(log.find("[ERROR]", 1) == std::string::npos);
  CHECK(log.find("PRIVATE") == std::string::npos);
  CHECK(has_renewals(at, *renewal, "failed"));
  CHECK(renewal->status().find("; its renewal cannot be used: ") != std::string::npos);

  fs::remove(at.folder / "tls.key");
  renewal->check();
  CHECK(at.log().find("tls.key: no such file or directory; the old one stays") !=
        std::string::npos);
  second.write_key(at.folder / "tls.key");
  renewal->check();
  CHECK(meets(*renewal, second));
  CHECK(renewal->status().find(';') == std::string::npos);
}

TEST_CASE("tls renewal: a Secret's link that is swapped") {
  Folder at;
  const Identity first = make_identity("first", "DNS:dns.x", nullptr);
  const Identity second = make_identity("second", "DNS:dns.x", nullptr);
  for (const char* name : {"v1", "v2"}) fs::create_directory(at.folder / name);
  at.put(first, "v1/");
  at.put(second, "v2/");
  fs::create_symlink("v1", at.folder / "..data");
  for (const char* name : {"tls.crt", "tls.key"})
    fs::create_symlink("..data/" + std::string(name), at.folder / name);
  const auto renewal = at.start();
  CHECK(meets(*renewal, first));
  fs::create_symlink("v2", at.folder / "..new");
  fs::rename(at.folder / "..new", at.folder / "..data");
  renewal->check();
  CHECK(meets(*renewal, second));
}

TEST_CASE("tls renewal: it does not begin with a pair that is of no use") {
  Folder at;
  CHECK_THROWS_WITH_AS(
      at.start(),
      ("plugin/tls: open " + (at.folder / "tls.crt") + ": no such file or directory").c_str(),
      std::runtime_error);
}

TEST_CASE("tls renewal: secrets of sessions go to the key log") {
  Folder at;
  const Identity first = make_identity("first", "DNS:dns.x", nullptr);
  at.put(first);
  TlsIdentity identity;
  identity.certificate = at.folder / "tls.crt";
  identity.key = at.folder / "tls.key";
  identity.key_log = at.folder / "keys";
  const Renewal renewal(identity, std::make_shared<net::TicketKeys>(), at.around.control,
                        at.around.log);
  CHECK(meets(renewal, first));
  std::ifstream keys(at.folder / "keys");
  std::string word;
  keys >> word;
  CHECK(word == "SERVER_HANDSHAKE_TRAFFIC_SECRET");
}

}  // namespace fairlead::plugins::tls
