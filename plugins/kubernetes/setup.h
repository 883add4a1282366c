// The kubernetes directive: which cluster, which zones, which records.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::kubernetes {

enum class Pods { Disabled, Insecure, Verified };

struct Options {
  std::vector<std::string> zones;
  std::string primary_zone;  // the first that is not a reverse zone

  // Where the cluster is: manifests, else kubeconfig, else endpoint, else the cluster this process
  // runs in.
  std::string endpoint;  // URL of the API server
  std::string client_cert, client_key, ca_file;
  std::string kubeconfig, kubeconfig_context;
  std::string manifests;  // file or folder
  std::optional<double> apiserver_qps;
  std::optional<int64_t> apiserver_burst;
  std::optional<int64_t> apiserver_max_inflight;

  std::vector<std::string> namespaces;  // empty: all
  std::string namespace_labels;         // selector text, checked
  std::string labels;                   // selector text, checked
  Pods pods = Pods::Disabled;
  bool endpoint_pod_names = false;
  bool endpoints = true;  // false: noendpoints
  bool ignore_empty_service = false;
  uint32_t ttl = 5;                       // seconds
  std::vector<std::string> fall_through;  // zones whose misses go on to the next plugin; "." is all
  std::chrono::nanoseconds startup_timeout = std::chrono::seconds(5);
  friend bool operator==(const Options&, const Options&) = default;
};

// Throws corefile::ConfigError, also on a second use in one block.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::kubernetes
