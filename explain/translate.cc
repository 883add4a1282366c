#include "explain/translate.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <stdexcept>

#include "net/file.h"

namespace fairlead::explain {
namespace {

// kube-dns answered with a TTL of 30 s, and any name that spells a pod's address.
constexpr const char* kClusterBlock = R"(.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
)";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += " " + word;
  return text;
}

std::string forward_line(const std::vector<std::string>& servers) {
  return "    forward ." + joined(servers) + " {\n        max_concurrent 1000\n    }\n";
}

}  // namespace

std::string corefile_of(const k8s_watch::KubeDnsConfig& config) {
  std::string text = kClusterBlock;
  text += forward_line(config.upstreams.empty() ? std::vector<std::string>{"/etc/resolv.conf"}
                                                : config.upstreams);
  text += "    cache 30\n    loop\n    reload\n    loadbalance\n}\n";
  for (const auto& stub : config.stub_domains) {
    text += "\n" + stub.domain + ":53 {\n    errors\n    cache 30\n    loop\n" +
            forward_line(stub.servers) + "}\n";
  }
  return text;
}

void translate_kube_dns(const std::string& path) {
  const bool is_stdin = path == "-";
  const std::string name = is_stdin ? "stdin" : path;
  std::string text;
  const int error = is_stdin ? net::read_file(STDIN_FILENO, k8s_watch::kMaxConfigMap, text)
                             : net::read_file(path, k8s_watch::kMaxConfigMap, text);
  if (error == EFBIG) throw std::runtime_error(name + ": larger than any ConfigMap");
  if (error != 0) throw std::runtime_error(name + ": cannot be read");
  const auto config = k8s_watch::read_kube_dns(name, text);
  for (const std::string& warning : config.warnings)
    std::fprintf(stderr, "[WARNING] %s\n", warning.c_str());
  std::fputs(corefile_of(config).c_str(), stdout);
}

}  // namespace fairlead::explain
