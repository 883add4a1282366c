#include "k8s-watch/kubeconfig.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <vector>

#include "dns/printable.h"
#include "k8s-watch/base64.h"
#include "k8s-watch/kubeconfig_exec.h"
#include "net/file.h"

namespace fairlead::k8s_watch {
namespace {

constexpr size_t kMaxFile = 4U << 20U;

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  return text;
}

/// The content of a file; `what` says in errors what it was to be.
std::string read_file(const std::string& path, const std::string& what) {
  std::string text;
  const int error = net::read_file(path, kMaxFile, text);
  if (error == EFBIG) throw std::runtime_error(what + " " + path + ": larger than 4 MiB");
  if (error != 0) throw std::runtime_error(what + " " + path + ": cannot be read");
  return text;
}

/// One kubeconfig, for as long as it takes to read one context of it.
class Kubeconfig {
 public:
  Kubeconfig(const YAML::Node& root, const std::string& path) : root_(root), path_(path) {}

  ApiAccess read(std::string context) const;

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("kubeconfig " + path_ + ": " + what);
  }

  YAML::Node named(const char* list, const char* member, const std::string& name) const;
  std::string text(const YAML::Node& map, const char* key, const std::string& where) const;
  bool flag(const YAML::Node& map, const char* key, const std::string& where) const;
  std::string file_path(const std::string& name) const;
  std::string inline_or_file(const YAML::Node& map, const std::string& key,
                             const std::string& where) const;
  void read_cluster(const std::string& name, ApiAccess& access) const;
  void read_user(const std::string& name, const std::string& cluster, ApiAccess& access) const;
  void read_plugin(const YAML::Node& user, const std::string& cluster, const std::string& where,
                   ApiAccess& access) const;

  const YAML::Node root_;
  const std::string path_;
};

/// The element of `list` called `name`: its `member` ({name: x, cluster: {…}}).
YAML::Node Kubeconfig::named(const char* list, const char* member, const std::string& name) const {
  const YAML::Node elements = root_[list];
  if (elements && !elements.IsSequence() && !elements.IsNull())
    fail(std::string(list) + " is not a list");
  for (const auto& element : elements) {
    if (!element.IsMap() || text(element, "name", list) != name) continue;
    const YAML::Node found = element[member];
    if (!found || !found.IsMap()) fail(std::string(member) + " \"" + name + "\" has no content");
    return found;
  }
  fail(std::string("no ") + member + " named \"" + name + "\"");
}

std::string Kubeconfig::text(const YAML::Node& map, const char* key,
                             const std::string& where) const {
  const YAML::Node value = map[key];
  if (!value || value.IsNull()) return {};
  if (!value.IsScalar()) fail(where + ": " + key + " is not a text");
  return value.Scalar();
}

bool Kubeconfig::flag(const YAML::Node& map, const char* key, const std::string& where) const {
  const std::string value = text(map, key, where);
  if (!value.empty() && value != "true" && value != "false")
    fail(where + ": " + key + " must be true or false");
  return value == "true";
}

std::string Kubeconfig::file_path(const std::string& name) const {
  return (std::filesystem::path(path_).parent_path() / name).string();
}

/// KEY-data, base64 in place, or else the file that KEY names.
std::string Kubeconfig::inline_or_file(const YAML::Node& map, const std::string& key,
                                       const std::string& where) const {
  const std::string data = text(map, (key + "-data").c_str(), where);
  if (!data.empty()) {
    auto decoded = decode_base64(data);
    if (!decoded) fail(where + ": " + key + "-data is not base64");
    return *std::move(decoded);
  }
  const std::string file = text(map, key.c_str(), where);
  return file.empty()
             ? std::string()
             : read_file(file_path(file), "kubeconfig " + path_ + ": " + where + ": " + key);
}

void Kubeconfig::read_cluster(const std::string& name, ApiAccess& access) const {
  const YAML::Node cluster = named("clusters", "cluster", name);
  const std::string where = "cluster \"" + name + "\"";
  access.url = text(cluster, "server", where);
  if (access.url.empty()) fail(where + " has no server");
  if (!text(cluster, "proxy-url", where).empty()) fail(where + ": proxy-url is not supported");
  access.insecure = flag(cluster, "insecure-skip-tls-verify", where);
  access.ca_pem = inline_or_file(cluster, "certificate-authority", where);
  access.server_name = text(cluster, "tls-server-name", where);
}

// A user with other credentials is not asked for more, as in client-go.
void Kubeconfig::read_plugin(const YAML::Node& user, const std::string& cluster,
                             const std::string& where, ApiAccess& access) const {
  const YAML::Node exec = user["exec"];
  if (!exec || exec.IsNull()) return;
  const bool needless = !access.cert_pem.empty() || !access.token.empty() ||
                        !access.token_file.empty() || !access.username.empty();
  try {
    auto plugin = read_exec(exec, named("clusters", "cluster", cluster),
                            std::filesystem::path(path_).parent_path());
    if (!needless) access.exec = std::move(plugin);
  } catch (const ExecError& error) {
    fail(where + ": exec: " + error.what());
  }
}

void Kubeconfig::read_user(const std::string& name, const std::string& cluster,
                           ApiAccess& access) const {
  const YAML::Node user = named("users", "user", name);
  const std::string where = "user \"" + name + "\"";
  if (user["auth-provider"] && !user["auth-provider"].IsNull())
    fail(where + " needs an auth-provider, which is not supported; use an exec plugin");
  for (const char* key : {"as", "as-groups", "as-uid", "as-user-extra"}) {
    if (user[key] && !user[key].IsNull())
      fail(where + ": impersonation (" + key + ") is not supported");
  }
  access.cert_pem = inline_or_file(user, "client-certificate", where);
  access.key_pem = inline_or_file(user, "client-key", where);
  if (access.cert_pem.empty() != access.key_pem.empty()) {
    fail(where + " needs both client-certificate and client-key");
  }
  access.token = trimmed(text(user, "token", where));
  const auto control = [](unsigned char c) { return c < ' ' || c == 0x7F; };
  if (std::ranges::any_of(access.token, control)) fail(where + ": token is not one line of text");
  const std::string token_file = text(user, "tokenFile", where);
  if (!token_file.empty()) access.token_file = file_path(token_file);
  access.username = text(user, "username", where);
  access.password = text(user, "password", where);
  read_plugin(user, cluster, where, access);
}

ApiAccess Kubeconfig::read(std::string context) const {
  if (!root_.IsMap()) fail("not a kubeconfig");
  if (context.empty()) context = text(root_, "current-context", "kubeconfig");
  if (context.empty()) fail("no current-context, and no context was named");
  const YAML::Node found = named("contexts", "context", context);
  const std::string where = "context \"" + context + "\"";
  const std::string cluster = text(found, "cluster", where);
  const std::string user = text(found, "user", where);
  if (cluster.empty()) fail(where + " names no cluster");
  ApiAccess access;
  read_cluster(cluster, access);
  if (!user.empty()) read_user(user, cluster, access);
  while (access.url.ends_with('/')) access.url.pop_back();
  return access;
}

ApiAccess from_endpoint(const ApiOptions& options) {
  ApiAccess access;
  access.url = options.endpoint;
  while (access.url.ends_with('/')) access.url.pop_back();
  if (!options.tls_ca_file.empty()) access.ca_pem = read_file(options.tls_ca_file, "tls: CA file");
  if (!options.tls_cert_file.empty())
    access.cert_pem = read_file(options.tls_cert_file, "tls: certificate file");
  if (!options.tls_key_file.empty())
    access.key_pem = read_file(options.tls_key_file, "tls: key file");
  return access;
}

ApiAccess in_cluster(const Surroundings& surroundings) {
  const std::string host = surroundings.env("KUBERNETES_SERVICE_HOST");
  const std::string port = surroundings.env("KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty()) {
    throw std::runtime_error(
        "not inside a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; "
        "give an endpoint, a kubeconfig or manifests");
  }
  ApiAccess access;
  const bool v6 = host.find(':') != std::string::npos;
  access.url = "https://" + (v6 ? "[" + host + "]" : host) + ":" + port;
  access.token_file = surroundings.service_account + "/token";
  if (trimmed(read_file(access.token_file, "service account token")).empty()) {
    throw std::runtime_error("service account token " + access.token_file + ": empty");
  }
  access.ca_pem = read_file(surroundings.service_account + "/ca.crt", "service account CA");
  return access;
}

}  // namespace

Surroundings Surroundings::of_process() {
  Surroundings result;
  result.env = [](const char* variable) {
    // Nothing in this program changes the environment.
    const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
    return std::string(value == nullptr ? "" : value);
  };
  return result;
}

ApiAccess parse_kubeconfig(std::string_view text, const std::string& path,
                           const std::string& context) {
  if (text.size() > kMaxFile)
    throw std::runtime_error("kubeconfig " + path + ": larger than 4 MiB");
  try {
    return Kubeconfig(YAML::Load(std::string(text)), path).read(context);
  } catch (const YAML::Exception& error) {
    throw std::runtime_error("kubeconfig " + path + ": line " +
                             std::to_string(error.mark.line + 1) + ": " +
                             dns::printable(error.msg));
  }
}

ApiAccess load_kubeconfig(const std::string& path, const std::string& context) {
  return parse_kubeconfig(read_file(path, "kubeconfig"), path, context);
}

ApiAccess resolve_access(const ApiOptions& options, const Surroundings& surroundings) {
  if (!options.kubeconfig_file.empty()) {
    ApiAccess access = load_kubeconfig(options.kubeconfig_file, options.kubeconfig_context);
    if (!options.endpoint.empty()) access.url = from_endpoint(options).url;
    return access;
  }
  return options.endpoint.empty() ? in_cluster(surroundings) : from_endpoint(options);
}

}  // namespace fairlead::k8s_watch
