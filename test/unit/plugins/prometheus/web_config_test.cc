#include "plugins/prometheus/web_config.h"

#include <doctest/doctest.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "plugins/prometheus/web_guard.h"
#include "test/unit/support/certificates.h"
#include "test/unit/support/temporary_folder.h"

namespace fairlead::plugins::prometheus {
namespace {

/// Why `text` is no web configuration; empty when it is one.
std::string error_of(const std::string& text) {
  const test::TemporaryFolder folder;
  folder.write("web.yml", text);
  WebConfig config;
  try {
    read_web_config(folder / "web.yml", config);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

constexpr const char* kHash = "$2y$10$AAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

}  // namespace

TEST_CASE("prometheus: a web configuration that is wrong") {
  struct Row {
    std::string text;
    std::string error;
  };
  const std::string unmarshal = "yaml: unmarshal errors: line ";
  const std::string tls = "tls_server_config: {cert: x, key: y, ";
  for (const Row& row : {
           Row{"foo: 1", unmarshal + "1: field foo not found in type web.Config"},
           Row{"[1]", unmarshal + "1: cannot unmarshal !!seq into web.Config"},
           Row{"\ntls_server_config:\n  x: 1",
               unmarshal + "3: field x not found in type web.TLSConfig"},
           Row{"http_server_config: {http2: maybe}",
               unmarshal + "1: cannot unmarshal !!str `maybe` into bool"},
           Row{"http_server_config: {headers: {X-Foo: a}}",
               "HTTP header \"X-Foo\" can not be configured"},
           Row{"http_server_config: {headers: {X-Frame-Options: a}}",
               "invalid value for X-Frame-Options. Expected one of: [\"deny\" \"sameorigin\"], but "
               "got: \"a\""},
           Row{"http_server_config: {headers: {X-XSS-Protection: \"1\\r\\nX: y\"}}",
               "invalid value for X-XSS-Protection: it is more than one line"},
           Row{"rate_limit: {interval: x}",
               "yaml: unmarshal errors: cannot unmarshal !!str `x` into time.Duration"},
           Row{"basic_auth_users: {a: b}",
               "crypto/bcrypt: hashedSecret too short to be a bcrypted password"},
           Row{"basic_auth_users: {a: " + std::string(60, 'x') + "}",
               "crypto/bcrypt: bcrypt hashes must start with '$', but hashedSecret started with "
               "'x'"},
           Row{"basic_auth_users: {a: $2y$31" + std::string(kHash).substr(6) + "}",
               "crypto/bcrypt: cost 31 is above 15"},
           Row{"basic_auth_users: {a: " + std::string(kHash) + ", a: " + kHash + "}",
               unmarshal + "1: key \"a\" already set in map"},
           Row{"tls_server_config: {client_auth_type: NoClientCert}",
               "missing one of cert or cert_file"},
           Row{"tls_server_config: {cert: x}", "missing one of key or key_file"},
           Row{tls + "client_auth_type: Never}", "invalid ClientAuth: Never"},
           Row{tls + "client_ca: z}",
               "client CA's have been configured without a Client Auth Policy"},
           Row{tls + "client_allowed_sans: [a], client_auth_type: RequestClientCert}",
               "client_allowed_sans requires client_auth_type to be one of RequireAnyClientCert or "
               "RequireAndVerifyClientCert"},
           Row{tls + "cipher_suites: [RC4]}", "unknown cipher: RC4"},
           Row{tls + "curve_preferences: [P256]}", "unknown curve: P256"},
           Row{tls + "min_version: SSL3}", "unknown TLS version: SSL3"},
       }) {
    CAPTURE(row.text);
    CHECK(error_of(row.text) == row.error);
  }
  CHECK(error_of("{").starts_with("yaml: line "));
  CHECK(error_of("tls_server_config: {cert_file: x, key_file: y}")
            .starts_with("failed to read cert_file ("));
}

TEST_CASE("prometheus: what a web configuration says") {
  const test::TemporaryFolder folder;
  const std::string path = folder / "web.yml";
  folder.write("web.yml", "");
  WebConfig config;
  read_web_config(path, config);
  CHECK(config.rules.tls == nullptr);
  CHECK_FALSE(config.is_limited());
  CHECK(config.files == std::vector<std::string>{path});
  folder.write(
      "web.yml",
      "rate_limit: {interval: 250ms, burst: 4}\nhttp_server_config:\n  http2: false\n"
      "  headers: {X-Frame-Options: deny, X-XSS-Protection: ''}\nbasic_auth_users:\n  a: " +
          std::string(kHash) + "\n");
  config = {};
  read_web_config(path, config);
  CHECK(config.interval == std::chrono::milliseconds(250));
  CHECK(config.burst == 4);
  CHECK(config.rules.headers.size() == 1);
  CHECK(config.rules.users.at("a") == kHash);
}

TEST_CASE("prometheus: requests in an interval") {
  const net::Clock::time_point start = net::Clock::now();
  TokenBucket bucket(std::chrono::seconds(1), 2, start);
  CHECK(bucket.take(start));
  CHECK(bucket.take(start));
  CHECK_FALSE(bucket.take(start));
  CHECK_FALSE(bucket.take(start + std::chrono::milliseconds(900)));
  CHECK(bucket.take(start + std::chrono::milliseconds(1100)));
  CHECK_FALSE(bucket.take(start + std::chrono::milliseconds(1100)));
  CHECK(bucket.take(start + std::chrono::hours(1)));
  CHECK(bucket.take(start + std::chrono::hours(1)));
  CHECK_FALSE(bucket.take(start + std::chrono::hours(1)));
  TokenBucket none(std::chrono::seconds(1), 0, start);
  CHECK_FALSE(none.take(start + std::chrono::hours(1)));
}

}  // namespace fairlead::plugins::prometheus
