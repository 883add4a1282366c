// The configuration of kube-dns as a Corefile.
#pragma once

#include <string>

#include "k8s-watch/kube_dns.h"

namespace fairlead::explain {

/// A Corefile that answers as kube-dns with `config` did: names of the cluster, each stub domain
/// from its servers, everything else from the upstreams. make_config() takes it.
std::string corefile_of(const k8s_watch::KubeDnsConfig& config);

/// The flag -translate-kube-dns: reads `path` ("-": standard input), writes the Corefile to
/// standard output and warnings to standard error. Throws std::runtime_error.
void translate_kube_dns(const std::string& path);

}  // namespace fairlead::explain
