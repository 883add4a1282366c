#include "plugins/prometheus/web_config.h"

#include <openssl/ssl.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "corefile/duration.h"
#include "net/file.h"
#include "net/pem.h"
#include "net/socket_address.h"
#include "net/tls_context.h"
#include "plugins/prometheus/yaml_fields.h"

namespace fairlead::plugins::prometheus {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 20;
// 2^15 rounds take some two seconds, of a thread that the end of the process waits for.
constexpr int kMostCost = 15;

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

/// The contents of a file, into `out`, or why not: "open FILE: no such file or directory".
std::string read(const std::string& path, std::string& out) {
  const int error = net::read_file(path, kMaxFileBytes, out);
  return error == 0 ? std::string() : "open " + path + ": " + net::error_text(error);
}

/// What the file says of TLS, before any file is read.
struct TlsText {
  std::string cert, key, client_ca;
  std::string cert_file, key_file, client_ca_file;
  std::string client_auth, min_version, max_version;
  std::vector<std::string> ciphers, curves, client_names;
  bool server_order = true;

  [[nodiscard]] bool is_there() const {
    for (const std::string* text :
         {&cert, &key, &client_ca, &cert_file, &key_file, &client_ca_file, &client_auth}) {
      if (!text->empty()) return true;
    }
    return false;
  }
};

TlsText read_tls(const YAML::Node& node, const std::string& folder) {
  const YamlFields fields(node, "web.TLSConfig",
                          {"cert", "key", "client_ca", "cert_file", "key_file", "client_auth_type",
                           "client_ca_file", "cipher_suites", "curve_preferences", "min_version",
                           "max_version", "prefer_server_cipher_suites", "client_allowed_sans"});
  TlsText text;
  fields.read("cert", text.cert);
  fields.read("key", text.key);
  fields.read("client_ca", text.client_ca);
  fields.read("cert_file", text.cert_file);
  fields.read("key_file", text.key_file);
  fields.read("client_ca_file", text.client_ca_file);
  fields.read("client_auth_type", text.client_auth);
  fields.read("min_version", text.min_version);
  fields.read("max_version", text.max_version);
  fields.read("cipher_suites", text.ciphers);
  fields.read("curve_preferences", text.curves);
  fields.read("client_allowed_sans", text.client_names);
  fields.read("prefer_server_cipher_suites", text.server_order);
  for (std::string* file : {&text.cert_file, &text.key_file, &text.client_ca_file}) {
    if (!file->empty() && file->front() != '/') *file = folder + *file;
  }
  return text;
}

/// Older ones than TLS 1.2 count as that (RFC 8996).
int version_of(const std::string& name, int otherwise) {
  if (name.empty()) return otherwise;
  if (name == "TLS13") return TLS1_3_VERSION;
  if (name == "TLS12" || name == "TLS11" || name == "TLS10") return TLS1_2_VERSION;
  throw std::runtime_error("unknown TLS version: " + name);
}

// Of TLS 1.2, as Go has them. Those of TLS 1.3 are always offered, there as here.
std::string ciphers_of(const std::vector<std::string>& names) {
  constexpr std::array<std::string_view, 10> kKnown{
      "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
      "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
      "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
      "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  };
  constexpr std::array<std::string_view, 3> kNewer{
      "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"};
  std::string list;
  for (const std::string& name : names) {
    if (std::ranges::find(kNewer, name) != kNewer.end()) continue;
    if (std::ranges::find(kKnown, name) == kKnown.end())
      throw std::runtime_error("unknown cipher: " + name);
    list += (list.empty() ? "" : ":") + std::string(OPENSSL_cipher_name(name.c_str()));
  }
  return list;
}

std::string groups_of(const std::vector<std::string>& names) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kKnown{
      {{"CurveP256", "P-256"},
       {"CurveP384", "P-384"},
       {"CurveP521", "P-521"},
       {"X25519", "X25519"}}};
  std::string list;
  for (const std::string& name : names) {
    const auto* const found =
        std::ranges::find(kKnown, name, [](const auto& known) { return known.first; });
    if (found == kKnown.end()) throw std::runtime_error("unknown curve: " + name);
    list += (list.empty() ? "" : ":") + std::string(found->second);
  }
  return list;
}

net::ClientAuth client_auth_of(const std::string& name) {
  if (name.empty() || name == "NoClientCert") return net::ClientAuth::None;
  if (name == "RequestClientCert") return net::ClientAuth::Request;
  if (name == "RequireAnyClientCert" || name == "RequireClientCert")
    return net::ClientAuth::Require;
  if (name == "VerifyClientCertIfGiven") return net::ClientAuth::VerifyIfGiven;
  if (name == "RequireAndVerifyClientCert") return net::ClientAuth::RequireAndVerify;
  throw std::runtime_error("invalid ClientAuth: " + name);
}

/// `text`, or what stands in `file`. Files are named in `files`.
net::Pem pem_of(const std::string& text, const std::string& file, const char* what,
                std::vector<std::string>& files) {
  if (file.empty()) return {.file = {}, .text = text};
  files.push_back(file);
  net::Pem pem{.file = file, .text = {}};
  const std::string error = read(file, pem.text);
  if (error.empty()) return pem;
  throw std::runtime_error(std::string("failed to read ") + what + " (" + file + "): " + error);
}

void check_client_auth(const TlsText& text, net::ClientAuth auth) {
  if ((!text.client_ca.empty() || !text.client_ca_file.empty()) && auth == net::ClientAuth::None)
    throw std::runtime_error("client CA's have been configured without a Client Auth Policy");
  if (!text.client_names.empty() && auth != net::ClientAuth::Require &&
      auth != net::ClientAuth::RequireAndVerify) {
    throw std::runtime_error(
        "client_allowed_sans requires client_auth_type to be one of RequireAnyClientCert or "
        "RequireAndVerifyClientCert");
  }
}

void make_tls(const TlsText& text, WebConfig& out) {
  net::ServerTls settings{.alpn = {"http/1.1"},
                          .min_version = version_of(text.min_version, TLS1_2_VERSION),
                          .max_version = version_of(text.max_version, 0),
                          .ciphers = ciphers_of(text.ciphers),
                          .groups = groups_of(text.curves),
                          .server_order = text.server_order};
  if (!text.is_there()) return;
  if (text.cert.empty() && text.cert_file.empty())
    throw std::runtime_error("missing one of cert or cert_file");
  if (text.key.empty() && text.key_file.empty())
    throw std::runtime_error("missing one of key or key_file");
  settings.certificate = pem_of(text.cert, text.cert_file, "cert_file", out.files);
  settings.key = pem_of(text.key, text.key_file, "key_file", out.files);
  settings.client_auth = client_auth_of(text.client_auth);
  check_client_auth(text, settings.client_auth);
  settings.client_ca = pem_of(text.client_ca, text.client_ca_file, "client_ca_file", out.files);
  out.rules.client_names = text.client_names;
  out.rules.tls = net::TlsContext::server(settings);
}

void check_header(const std::string& name, const std::string& value) {
  static const std::map<std::string, std::vector<std::string>> kKnown{
      {"Strict-Transport-Security", {}},
      {"X-Content-Type-Options", {"nosniff"}},
      {"X-Frame-Options", {"deny", "sameorigin"}},
      {"X-XSS-Protection", {}},
      {"Content-Security-Policy", {}}};
  const auto found = kKnown.find(name);
  if (found == kKnown.end())
    throw std::runtime_error("HTTP header " + quoted(name) + " can not be configured");
  const std::vector<std::string>& values = found->second;
  if (!values.empty() && std::ranges::find(values, value) == values.end()) {
    std::string list;
    for (const std::string& one : values) list += (list.empty() ? "" : " ") + quoted(one);
    throw std::runtime_error("invalid value for " + name + ". Expected one of: [" + list +
                             "], but got: " + quoted(value));
  }
  const auto is_control = [](unsigned char c) { return c < ' ' || c == 0x7f; };
  if (std::ranges::any_of(value, is_control))
    throw std::runtime_error("invalid value for " + name + ": it is more than one line");
}

void read_http(const YAML::Node& node, WebConfig& out) {
  const YamlFields fields(node, "web.HTTPConfig", {"http2", "headers"});
  bool http2 = true;  // HTTP/1.1 is what is spoken; clients agree to it
  fields.read("http2", http2);
  std::map<std::string, std::string> headers;
  fields.read("headers", headers);
  for (const auto& [name, value] : headers) {
    if (value.empty()) continue;
    check_header(name, value);
    out.rules.headers.emplace_back(name, value);
  }
}

void read_limit(const YAML::Node& node, WebConfig& out) {
  const YamlFields fields(node, "web.RateLimiterConfig", {"burst", "interval"});
  fields.read("burst", out.burst);
  std::string text;
  fields.read("interval", text);
  if (text.empty()) return;
  int64_t number = 0;  // without a unit: nanoseconds
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data(), end, number).ptr == end) {
    out.interval = std::chrono::nanoseconds(number);
  } else {
    try {
      out.interval = corefile::parse_duration(text);
    } catch (const std::invalid_argument&) {
      throw std::runtime_error("yaml: unmarshal errors: cannot unmarshal !!str `" + text +
                               "` into time.Duration");
    }
  }
}

void check_hash(const std::string& hash) {
  constexpr size_t kSize = 60;  // "$2y$10$", salt and hash
  if (hash.size() < kSize - 1)
    throw std::runtime_error("crypto/bcrypt: hashedSecret too short to be a bcrypted password");
  if (hash[0] != '$') {
    throw std::runtime_error(
        std::string("crypto/bcrypt: bcrypt hashes must start with '$', but hashedSecret started "
                    "with '") +
        hash[0] + "'");
  }
  int cost = 0;
  if (hash.size() != kSize || hash[1] != '2' || hash[3] != '$' || hash[6] != '$' ||
      std::from_chars(hash.data() + 4, hash.data() + 6, cost).ptr != hash.data() + 6)
    throw std::runtime_error("crypto/bcrypt: a hash that is none of bcrypt's");
  if (cost > kMostCost) {
    throw std::runtime_error("crypto/bcrypt: cost " + std::to_string(cost) + " is above " +
                             std::to_string(kMostCost));
  }
}

void read_document(const YAML::Node& document, const std::string& folder, WebConfig& out) {
  const YamlFields fields(
      document, "web.Config",
      {"tls_server_config", "http_server_config", "rate_limit", "basic_auth_users"});
  const TlsText tls = read_tls(fields.node("tls_server_config"), folder);
  read_http(fields.node("http_server_config"), out);
  read_limit(fields.node("rate_limit"), out);
  fields.read("basic_auth_users", out.rules.users);
  for (const auto& [user, hash] : out.rules.users) check_hash(hash);
  make_tls(tls, out);
}

}  // namespace

void read_web_config(const std::string& path, WebConfig& out) {
  out.files = {path};
  std::string text;
  if (const std::string error = read(path, text); !error.empty()) throw std::runtime_error(error);
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  try {
    read_document(YAML::Load(text), folder, out);
  } catch (const YAML::Exception& error) {
    throw std::runtime_error("yaml: line " + std::to_string(error.mark.line + 1) + ": " +
                             error.msg);
  }
}

}  // namespace fairlead::plugins::prometheus
