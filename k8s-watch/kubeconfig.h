// How to reach an API server, from a kubeconfig, from the `endpoint` and `tls` options, or from
// inside a pod. Files are read once, here; only a token file is left for the client to read again,
// because it is rotated.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "k8s-watch/exec_plugin.h"
#include "k8s-watch/watch.h"

namespace fairlead::k8s_watch {

/// Everything a client needs. Empty means not given. Certificates and keys are PEM text.
struct ApiAccess {
  std::string url;  // "https://host:port", "https://[::1]:6443/prefix"; no final slash
  std::string ca_pem;
  bool insecure = false;    // the server's certificate is not checked
  std::string server_name;  // to be verified and sent as SNI instead of the URL's host
  std::string cert_pem, key_pem;
  std::string token;
  std::string token_file;  // wins over token; to be read again from time to time
  std::string username, password;
  std::string peer = "API server";  // what errors of TLS call the other end
  std::optional<ExecPlugin> exec;   // gets token or certificate where none of the above is given
};

/// Reads kubeconfig text. `path` names the file in errors and is what relative files in it are
/// relative to. `context` empty: the current-context. Throws std::runtime_error naming the file and
/// what is missing or not supported.
ApiAccess parse_kubeconfig(std::string_view text, const std::string& path,
                           const std::string& context);

/// The same from a file of at most 4 MiB.
ApiAccess load_kubeconfig(const std::string& path, const std::string& context);

/// Where resolve_access looks for the in-cluster configuration; replaced in tests.
struct Surroundings {
  std::function<std::string(const char* variable)> env;  // "" when unset
  std::string service_account = "/var/run/secrets/kubernetes.io/serviceaccount";

  /// The process's own environment.
  static Surroundings of_process();
};

/// The kubeconfig option, else endpoint and tls, else the in-cluster configuration. With a
/// kubeconfig, an endpoint replaces the cluster's URL. Throws std::runtime_error with a clear text.
ApiAccess resolve_access(const ApiOptions& options,
                         const Surroundings& surroundings = Surroundings::of_process());

}  // namespace fairlead::k8s_watch
