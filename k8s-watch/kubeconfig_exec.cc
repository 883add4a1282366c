#include "k8s-watch/kubeconfig_exec.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "dns/printable.h"
#include "k8s-watch/yaml_json.h"
#include "net/log_json.h"

namespace fairlead::k8s_watch {
namespace {

constexpr const char* kV1 = "client.authentication.k8s.io/v1";
constexpr const char* kV1Beta1 = "client.authentication.k8s.io/v1beta1";
constexpr const char* kExtension = "client.authentication.k8s.io/exec";

// All of it becomes one variable of the environment, which Linux bounds to 128 KiB.
constexpr size_t kMostConfig = 65536;
constexpr size_t kDeepestConfig = 32;
constexpr size_t kLongestQuote = 100;  // of others' words in messages

// Neither arguments nor variables can hold a NUL.
std::string text_of(const YAML::Node& value, const std::string& what) {
  if (!value || value.IsNull()) return {};
  if (!value.IsScalar()) throw ExecError(what + " is not a text");
  if (value.Scalar().find('\0') != std::string::npos) throw ExecError(what + " holds a NUL");
  return value.Scalar();
}

YAML::Node list_of(const YAML::Node& map, const char* key) {
  YAML::Node list = map[key];
  if (list && !list.IsNull() && !list.IsSequence())
    throw ExecError(std::string(key) + " is not a list");
  return list;
}

void read_env(const YAML::Node& exec, ExecPlugin& plugin) {
  for (const auto& element : list_of(exec, "env")) {
    if (!element.IsMap()) throw ExecError("env holds what is no name and value");
    std::string name = text_of(element["name"], "a name of env");
    if (name.empty() || name.find('=') != std::string::npos)
      throw ExecError("\"" + dns::printable(name, kLongestQuote) + "\" is no name of a variable");
    plugin.env.emplace_back(std::move(name), text_of(element["value"], "a value of env"));
  }
}

// Nobody is there to answer questions.
void check_interactive(const YAML::Node& exec, const ExecPlugin& plugin) {
  const std::string mode = text_of(exec["interactiveMode"], "interactiveMode");
  if (mode == "Never" || mode == "IfAvailable") return;
  if (mode == "Always")
    throw ExecError("interactiveMode Always: a server has no terminal to be asked on");
  if (!mode.empty())
    throw ExecError("interactiveMode is \"" + dns::printable(mode, kLongestQuote) +
                    "\", not Never, IfAvailable or Always");
  if (plugin.api_version == kV1) throw ExecError("no interactiveMode, which version v1 requires");
}

void append_json(const YAML::Node& node, size_t depth, std::string& out) {
  if (depth > kDeepestConfig) throw ExecError("the cluster's extension is nested too deeply");
  if (out.size() > kMostConfig) throw ExecError("the cluster's extension is larger than 64 KiB");
  if (node.IsScalar()) {
    out += scalar_to_json(node.Tag(), node.Scalar());
  } else if (node.IsSequence()) {
    char before = '[';
    for (const auto& element : node) {
      out += std::exchange(before, ',');
      append_json(element, depth + 1, out);
    }
    out += before == '[' ? "[]" : "]";
  } else if (node.IsMap()) {
    char before = '{';
    for (const auto& member : node) {
      out += std::exchange(before, ',');
      net::append_json_string(text_of(member.first, "a key of the cluster's extension"), out);
      out += ':';
      append_json(member.second, depth + 1, out);
    }
    out += before == '{' ? "{}" : "}";
  } else {
    out += "null";
  }
}

std::string config_of(const YAML::Node& cluster) {
  std::string config;
  if (!cluster || !cluster.IsMap()) return config;
  for (const auto& extension : list_of(cluster, "extensions")) {
    if (!extension.IsMap() || text_of(extension["name"], "an extension's name") != kExtension)
      continue;
    if (const YAML::Node value = extension["extension"]; value) append_json(value, 0, config);
    break;
  }
  return config;
}

}  // namespace

ExecPlugin read_exec(const YAML::Node& exec, const YAML::Node& cluster,
                     const std::filesystem::path& folder) {
  if (!exec.IsMap()) throw ExecError("has no content");
  ExecPlugin plugin;
  plugin.command = text_of(exec["command"], "command");
  if (plugin.command.empty()) throw ExecError("no command");
  if (plugin.command.find('/') != std::string::npos)
    plugin.command = (folder / plugin.command).lexically_normal().string();
  plugin.api_version = text_of(exec["apiVersion"], "apiVersion");
  if (plugin.api_version != kV1 && plugin.api_version != kV1Beta1)
    throw ExecError("apiVersion is \"" + dns::printable(plugin.api_version, kLongestQuote) +
                    "\"; supported are " + kV1 + " and " + kV1Beta1);
  for (const auto& word : list_of(exec, "args")) plugin.args.push_back(text_of(word, "args"));
  read_env(exec, plugin);
  check_interactive(exec, plugin);
  plugin.install_hint = text_of(exec["installHint"], "installHint");
  const std::string provide = text_of(exec["provideClusterInfo"], "provideClusterInfo");
  if (!provide.empty() && provide != "true" && provide != "false")
    throw ExecError("provideClusterInfo must be true or false");
  plugin.provide_cluster_info = provide == "true";
  if (plugin.provide_cluster_info) plugin.cluster_config = config_of(cluster);
  return plugin;
}

}  // namespace fairlead::k8s_watch
