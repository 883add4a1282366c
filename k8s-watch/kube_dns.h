// The ConfigMap that kube-dns was configured by.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::k8s_watch {

/// Servers as `forward` takes them: ADDRESS, ADDRESS:PORT, [IPv6]:PORT, or a host name.
struct KubeDnsConfig {
  struct StubDomain {
    std::string domain;  // lower case, without a final dot
    std::vector<std::string> servers;
  };
  std::vector<StubDomain> stub_domains;  // in the order of the text
  std::vector<std::string> upstreams;    // upstreamNameservers; empty: /etc/resolv.conf
  std::vector<std::string> warnings;     // what was left out or will behave differently
};

/// The largest text that is read: four times what a ConfigMap may hold.
inline constexpr size_t kMaxConfigMap = 4U << 20U;

/// Reads the one ConfigMap in `text`, as YAML or JSON. `file` is what errors call it. No word of
/// the result holds a space, a brace or a quote. Throws std::runtime_error, "FILE: KEY: what is
/// wrong".
KubeDnsConfig read_kube_dns(const std::string& file, std::string_view text);

}  // namespace fairlead::k8s_watch
