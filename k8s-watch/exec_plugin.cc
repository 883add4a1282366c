#include "k8s-watch/exec_plugin.h"

#include <algorithm>
#include <stdexcept>

#include "dns/printable.h"
#include "k8s-watch/base64.h"
#include "k8s-watch/decode_objects.h"
#include "k8s-watch/fields.h"
#include "k8s-watch/kubeconfig.h"
#include "net/log_json.h"

namespace fairlead::k8s_watch {
namespace {

constexpr size_t kLongestWord = 100;  // of others' words in messages

void add_member(const char* key, std::string_view value, std::string& out) {
  if (out.back() != '{') out += ',';
  net::append_json_string(key, out);
  out += ':';
  net::append_json_string(value, out);
}

std::string cluster_info(const ApiAccess& access) {
  std::string out = "{";
  add_member("server", access.url, out);
  if (!access.server_name.empty()) add_member("tls-server-name", access.server_name, out);
  if (access.insecure) out += ",\"insecure-skip-tls-verify\":true";
  if (!access.ca_pem.empty())
    add_member("certificate-authority-data", encode_base64(access.ca_pem), out);
  const std::string& config = access.exec->cluster_config;
  return out + ",\"config\":" + (config.empty() ? "null" : config) + "}";
}

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error("what it wrote is no ExecCredential: " + what);
}

std::string in_quotes(std::string_view word) {
  return "\"" + dns::printable(word, kLongestWord) + "\"";
}

ExecCredential read_status(const Fields& status) {
  ExecCredential credential;
  credential.token = status.text("token");
  credential.cert_pem = status.text("clientCertificateData");
  credential.key_pem = status.text("clientKeyData");
  if (const std::string_view expires = status.text("expirationTimestamp"); !expires.empty()) {
    credential.expires = parse_time(expires);
    if (!credential.expires) refuse("status.expirationTimestamp is no time: " + in_quotes(expires));
  }
  return credential;
}

void check_whole(const ExecCredential& credential) {
  if (credential.cert_pem.empty() != credential.key_pem.empty())
    refuse("of status.clientCertificateData and status.clientKeyData only one is there");
  if (credential.token.empty() && credential.cert_pem.empty())
    refuse("status has neither a token nor a certificate");
  const auto control = [](unsigned char c) { return c < ' ' || c == 0x7F; };
  if (std::ranges::any_of(credential.token, control))
    refuse("status.token is not one line of text");
}

}  // namespace

std::string exec_info(const ApiAccess& access) {
  std::string out = "{";
  add_member("kind", "ExecCredential", out);
  add_member("apiVersion", access.exec->api_version, out);
  out += ",\"spec\":{";
  if (access.exec->provide_cluster_info) out += "\"cluster\":" + cluster_info(access) + ",";
  return out + "\"interactive\":false}}";
}

ExecCredential parse_exec_credential(std::string_view text, const std::string& api_version) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) refuse("it is empty");
  if (parser.parse(simdjson::padded_string(text)).get(object) != simdjson::SUCCESS)
    refuse("it is no JSON object");
  Rejection rejection;
  const Fields root(object, "", rejection);
  if (root.text("kind") != "ExecCredential") refuse("its kind is " + in_quotes(root.text("kind")));
  if (root.text("apiVersion") != api_version)
    refuse("its apiVersion is " + in_quotes(root.text("apiVersion")) + ", not " +
           in_quotes(api_version));
  const auto status = root.object("status");
  ExecCredential credential = status ? read_status(*status) : ExecCredential();
  if (!rejection.reason.empty()) refuse(rejection.detail + " is of another type");
  if (!status) refuse("it has no status");
  check_whole(credential);
  return credential;
}

}  // namespace fairlead::k8s_watch
