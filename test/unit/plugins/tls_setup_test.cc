#include <doctest/doctest.h>

#include "plugins/config.h"
#include "plugins/tls/setup.h"
#include "test/unit/plugins/setup_support.h"
#include "test/unit/support/certificates.h"

namespace fairlead::plugins::tls {
using namespace fairlead::plugins::testing;
using test::Identity;
using test::make_identity;

namespace {

const auto kTls = [](auto& cursor, const auto& context) { return tls::parse(cursor, context); };

const std::map<std::string, std::string>& files() {
  static const auto made = [] {
    const Identity one = make_identity("one", "DNS:dns.x", nullptr);
    const Identity other = make_identity("other", "DNS:dns.x", nullptr);
    return std::map<std::string, std::string>{
        {"/one.pem", one.certificate_pem()},  {"/one.key", one.key_pem()},
        {"/copy.pem", one.certificate_pem()}, {"/other.pem", other.certificate_pem()},
        {"/other.key", other.key_pem()},      {"/empty", ""},
        {"/words", "no certificate"}};
  }();
  return made;
}

TlsIdentity identity_of(const std::string& lines) {
  return with_directive("tls", lines, kTls, files());
}

std::string error_of(const std::string& corefile) {
  const corefile::MemoryReader reader(files());
  const corefile::Environment none = [](const std::string&) { return std::string(); };
  try {
    make_config(corefile::parse(corefile, "Corefile", {reader, none, directive_names()}), 53,
                reader, {});
  } catch (const corefile::ConfigError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("tls: files and whom it wants") {
  const TlsIdentity plain = identity_of("tls /one.pem /one.key");
  CHECK(plain.certificate == "/one.pem");
  CHECK(plain.key == "/one.key");
  CHECK(plain.client_auth == net::ClientAuth::None);
  const std::pair<const char*, net::ClientAuth> words[] = {
      {"nocert", net::ClientAuth::None},
      {"request", net::ClientAuth::Request},
      {"require", net::ClientAuth::Require},
      {"verify_if_given", net::ClientAuth::VerifyIfGiven},
      {"require_and_verify", net::ClientAuth::RequireAndVerify}};
  for (const auto& [word, auth] : words) {
    const auto lines =
        "tls /one.pem /one.key /other.pem {\nclient_auth " + std::string(word) + "\n}";
    CHECK(identity_of(lines).client_auth == auth);
  }
  CHECK(identity_of("tls /one.pem /one.key {\nkeylog /keys\n}").key_log == "/keys");
  CHECK(identity_of("tls /one.pem /one.key\ntls /other.pem /other.key").key == "/other.key");
}

TEST_CASE("tls: mistakes") {
  const std::string pair = "could not load TLS cert: ";
  const BadLine cases[] = {
      {"tls", parsing(2, "a certificate and its key are expected")},
      {"tls /one.pem", arguments_after(2, "/one.pem")},
      {"tls /one.pem /one.key /one.pem x", arguments_after(2, "x")},
      {"tls /none /one.key", parsing(2, pair + "open /none: no such file or directory")},
      {"tls /one.pem /none", parsing(2, pair + "open /none: no such file or directory")},
      {"tls /empty /one.key", parsing(2, pair + "tls: /empty is empty")},
      {"tls /one.pem /other.key",
       parsing(2, pair + "tls: cannot use the key file /other.key: key values mismatch")},
      {"tls /words /one.key",
       parsing(2, pair + "tls: cannot use the certificate file /words: no start line")},
      {"tls /one.pem /one.key /none",
       parsing(2, "error reading /none: open /none: no such file or directory")},
      {"tls /one.pem /one.key {\nclient_auth maybe\n}",
       parsing(3, "unknown authentication type 'maybe'")},
      {"tls /one.pem /one.key {\nclient_auth\n}", arguments_after(3, "client_auth")},
      {"tls /one.pem /one.key {\nkeylog\n}", arguments_after(3, "keylog")},
      {"tls /one.pem /one.key {\nclientauth x\n}",
       parsing(3, "unknown option 'clientauth' (did you mean 'client_auth'?)")},
      {"tls {\nacme example.org\n}",
       parsing(3, "'acme' is not supported yet; docs/migrate.md says what to do")},
  };
  check_mistakes("tls", cases, kTls, files());
}

TEST_CASE("tls: blocks of one listener have one identity") {
  const std::string conflict =
      "conflicting TLS configuration for shared listener tls://:853 between zones \"a.x.\" and "
      "\"b.x.\": ";
  const auto both = [](const std::string& one, const std::string& other) {
    return error_of("tls://a.x {\n" + one + "\nwhoami\n}\ntls://b.x {\n" + other + "\nwhoami\n}");
  };
  const std::string one = "tls /one.pem /one.key";
  CHECK(both(one, one).empty());
  CHECK(both(one, "tls /copy.pem /one.key").empty());
  CHECK(both(one, "tls /other.pem /other.key") == conflict + "server certificates differ");
  CHECK(both(one, "") == conflict + "TLS is configured for only one server block");
  CHECK(both(one, one + " {\nclient_auth require\n}") ==
        conflict + "client authentication policies differ");
  CHECK(both(one + " /one.pem", one + " /other.pem") == conflict + "client CA pools differ");
  CHECK(both("", "").empty());
  CHECK(error_of(".:53 tls://. {\n" + one + "\nwhoami\n}").empty());
  CHECK(error_of(".:853 {\nwhoami\n}\ntls://b.x {\nwhoami\n}") ==
        "cannot serve tls://b.x.:853 (Corefile:4) at :853: dns://.:853 (Corefile:1) is served "
        "there");
}

TEST_CASE("tls: without the directive there is a warning") {
  const corefile::MemoryReader reader(files());
  const corefile::Environment none = [](const std::string&) { return std::string(); };
  const Config config = make_config(
      corefile::parse("tls://. {\nwhoami\n}", "Corefile", {reader, none, directive_names()}), 53,
      reader, {});
  REQUIRE(config.warnings.size() == 1);
  CHECK(config.warnings[0].starts_with("tls://.:853 (Corefile:1) IS SERVED WITHOUT TLS"));
  CHECK(listening_of(config).at(0).transport == "tls");
}

}  // namespace fairlead::plugins::tls
