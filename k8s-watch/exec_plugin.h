// A program that gets the credentials of a kubeconfig's user, as client-go runs it: the API group
// client.authentication.k8s.io, versions v1 and v1beta1.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::k8s_watch {

/// What a user's `exec` says.
struct ExecPlugin {
  std::string command;  // a path, or a name that is looked for in PATH
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;  // besides that of this process
  std::string api_version;  // "client.authentication.k8s.io/v1": also of what it writes
  std::string install_hint;
  bool provide_cluster_info = false;
  std::string cluster_config;  // JSON, for it alone, from the cluster's extensions; may be empty

  friend bool operator==(const ExecPlugin&, const ExecPlugin&) = default;
};

/// What it wrote. Has a token, or a certificate and its key, or both.
struct ExecCredential {
  std::string token;
  std::string cert_pem, key_pem;
  std::optional<std::chrono::system_clock::time_point> expires;
};

struct ApiAccess;

/// The value of KUBERNETES_EXEC_INFO: an ExecCredential without a status, as JSON. `access` is
/// where the credentials are for, and has a plugin.
std::string exec_info(const ApiAccess& access);

/// Reads an ExecCredential of that version. Throws std::runtime_error with one line that says what
/// is wrong.
ExecCredential parse_exec_credential(std::string_view text, const std::string& api_version);

}  // namespace fairlead::k8s_watch
