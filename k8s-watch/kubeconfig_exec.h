// What a user's `exec` in a kubeconfig says. Internal to reading kubeconfigs.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <stdexcept>

#include "k8s-watch/exec_plugin.h"

namespace fairlead::k8s_watch {

struct ExecError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `cluster` is the content of the context's cluster, whose extensions may be for the plugin;
/// a command with a slash is relative to `folder`. Throws ExecError, with what is missing or not
/// supported, and YAML::Exception.
ExecPlugin read_exec(const YAML::Node& exec, const YAML::Node& cluster,
                     const std::filesystem::path& folder);

}  // namespace fairlead::k8s_watch
