// What a credential plugin is told, and what it says.
#include "k8s-watch/exec_plugin.h"

#include <stdexcept>
#include <string>

#include "k8s-watch/kubeconfig.h"
// Last, because its macros have short names.
#include <doctest/doctest.h>

namespace fairlead::k8s_watch {
namespace {

constexpr const char* kVersion = "client.authentication.k8s.io/v1";

std::string with_status(const std::string& status) {
  return R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":)" +
         status + "}";
}

std::string trouble_of(const std::string& text) {
  try {
    parse_exec_credential(text, kVersion);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("exec credential: a token, a certificate, both, and until when") {
  const ExecCredential token = parse_exec_credential(with_status(R"({"token":"t"})"), kVersion);
  CHECK(token.token == "t");
  CHECK_FALSE(token.expires);
  const ExecCredential both = parse_exec_credential(
      with_status(R"({"token":"t","clientCertificateData":"C","clientKeyData":"K",)"
                  R"("expirationTimestamp":"1970-01-01T01:00:10+01:00","more":[1]})") +
          "\n",
      kVersion);
  CHECK(both.cert_pem == "C");
  CHECK(both.key_pem == "K");
  REQUIRE(both.expires);
  CHECK(both.expires->time_since_epoch() == std::chrono::seconds(10));
}

TEST_CASE("exec credential: what is none") {
  struct Row {
    std::string text, what;
  };
  const Row rows[] = {
      {" \n", "it is empty"},
      {"Token: x", "it is no JSON object"},
      {"[]", "it is no JSON object"},
      {"{}", "its kind is \"\""},
      {R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"})",
       "its apiVersion is \"client.authentication.k8s.io/v1beta1\", not "
       "\"client.authentication.k8s.io/v1\""},
      {with_status("null"), "it has no status"},
      {with_status("[]"), "status is of another type"},
      {with_status(R"({"token":7})"), "status.token is of another type"},
      {with_status("{}"), "status has neither a token nor a certificate"},
      {with_status(R"({"token":"a\nb"})"), "status.token is not one line of text"},
      {with_status(R"({"clientKeyData":"K"})"),
       "of status.clientCertificateData and status.clientKeyData only one is there"},
      {with_status(R"({"token":"t","expirationTimestamp":"tomorrow"})"),
       "status.expirationTimestamp is no time: \"tomorrow\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const std::string trouble = trouble_of(row.text);
    CHECK(trouble.starts_with("what it wrote is no ExecCredential: "));
    CHECK(trouble.find(row.what) != std::string::npos);
  }
  CHECK(trouble_of(std::string(100'000, '[')).find('\n') == std::string::npos);
}

TEST_CASE("exec info: the cluster only where it is wanted") {
  ApiAccess access;
  access.url = "https://h:6443";
  access.ca_pem = "CA";
  access.server_name = "na\"me";
  access.insecure = true;
  access.exec = ExecPlugin{.api_version = kVersion};
  CHECK(exec_info(access) ==
        R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)"
        R"("spec":{"interactive":false}})");
  access.exec->provide_cluster_info = true;
  CHECK(exec_info(access).find(
            R"("spec":{"cluster":{"server":"https://h:6443","tls-server-name":"na\"me",)"
            R"("insecure-skip-tls-verify":true,"certificate-authority-data":"Q0E=",)"
            R"("config":null},"interactive":false}})") != std::string::npos);
  access.exec->cluster_config = R"({"a":1})";
  CHECK(exec_info(access).find(R"("config":{"a":1})") != std::string::npos);
}

}  // namespace fairlead::k8s_watch
