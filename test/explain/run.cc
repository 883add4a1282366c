// Runs the files of rules/ (README.md says how they are written). With --rewrite each file gets the
// texts of today instead of being compared with them: read the diff before it is committed.
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include "corefile/file_reader.h"
#include "corefile/parser.h"
#include "explain/explain_command.h"
#include "explain/explain_run.h"
#include "k8s-watch/manifests.h"
#include "k8s-watch/object_query.h"
#include "plugins/config.h"
#include "plugins/directive.h"
#include "plugins/kubernetes/cluster_view.h"
#include "test/scenarios/rule_file.h"
#include "zones/store.h"

namespace {

using namespace fairlead;
using scenarios::Lines;
using scenarios::RuleFile;

constexpr uint16_t kPort = 53;

template <typename Objects, typename Keep>
void put(const Objects& objects, zones::Store& store, Keep keep) {
  for (const auto& [key, object] : objects) {
    store.put(object);
    keep(key, object);
  }
}

// What load_cluster() would have read.
plugins::kubernetes::ClusterView cluster(const std::string& yaml, const std::string& trouble,
                                         const k8s_watch::WatchOptions& options) {
  plugins::kubernetes::ClusterView view;
  zones::Store store({.endpoint_pod_names = options.endpoint_pod_names});
  const auto objects = k8s_watch::read_manifests({{"objects.yaml", yaml}}, options);
  put(objects.namespaces, store,
      [&](const auto& key, const auto&) { view.objects.namespaces.insert(key.name); });
  put(objects.services, store,
      [&](const auto& key, const auto&) { view.objects.services.insert(key); });
  put(objects.slices, store,
      [&](const auto& key, const auto& slice) { view.objects.slices.emplace(key, slice); });
  put(objects.pods, store,
      [&](const auto& key, const auto& pod) { view.objects.pods.emplace(key, pod); });
  put(objects.imports, store, [](const auto&, const auto&) {});
  if (trouble.empty()) {
    store.set_synced();
    store.set_imports_synced();
  }
  view.trouble = trouble;
  for (const auto kind : {zones::Kind::Namespace, zones::Kind::Service, zones::Kind::EndpointSlice,
                          zones::Kind::Pod}) {
    view.read[static_cast<size_t>(kind)] =
        trouble.find(zones::resource_name(kind)) == std::string::npos;
  }
  view.snapshot = store.freeze(1);
  return view;
}

class Rules final : public RuleFile {
 public:
  using RuleFile::RuleFile;

 private:
  void step(const std::string& line) override {
    if (line == "corefile") {
      corefile_ = take_text();
    } else if (line == "yaml") {
      yaml_ = take_text();
      trouble_.clear();
      denied_.clear();
    } else if (line.starts_with("trouble ")) {
      trouble_ = line.substr(8);
    } else if (line.starts_with("denied ")) {
      denied_ = line.substr(7);
    } else if (line.starts_with("explain ")) {
      ask(line.substr(8));
    } else {
      throw std::runtime_error("not understood: " + line);
    }
  }

  [[nodiscard]] plugins::Config config() const {
    const std::map<std::string, std::string> disk{{"/etc/resolv.conf", "nameserver 192.0.2.1\n"}};
    const corefile::MemoryReader files(disk);
    const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
    return plugins::make_config(
        corefile::parse(corefile_, "Corefile",
                        corefile::Sources{files, no_variables, plugins::directive_names()}),
        kPort, files, {});
  }

  [[nodiscard]] explain::ExplainFlags flags(const std::string& words) const {
    std::istringstream in(words);
    Lines arguments;
    for (std::string word; in >> word;) {
      const bool flag = word.find('=') != std::string::npos;
      arguments.push_back(flag ? "-" + word : word);
    }
    const auto parsed = explain::parse_explain_flags(arguments);
    if (const auto* error = std::get_if<net::UsageError>(&parsed))
      throw std::runtime_error(error->message);
    return std::get<explain::ExplainFlags>(parsed);
  }

  void ask(const std::string& words) {
    const explain::ExplainFlags asked = flags(words);
    const auto objects = [this](const k8s_watch::ObjectQuery& query) -> k8s_watch::ObjectList {
      if (denied_ == resource_name(query.resource))
        return {{}, "cannot list " + denied_ + ": 403 forbidden"};
      return k8s_watch::manifest_objects({{"objects.yaml", yaml_}})(query);
    };
    explain::Explainer explainer(config(), {.manifests = {},
                                            .kubeconfig = {},
                                            .read_cluster =
                                                [&](const k8s_watch::WatchOptions& options) {
                                                  auto view = cluster(yaml_, trouble_, options);
                                                  view.details = objects;
                                                  return view;
                                                },
                                            .meet = {}});
    Lines said;
    const auto take = [&said](const std::string& whole) {
      std::istringstream text(whole);
      for (std::string line; std::getline(text, line);) said.push_back("> " + line);
    };
    const explain::Searched searched = explain::search(explainer, asked, objects);
    take(searched.text);
    for (const auto& one : searched.found) take(one.text);
    answer("explain " + words, said,
           [](const std::string& line) { return line.starts_with("> "); });
  }

  std::string corefile_, yaml_, trouble_, denied_;
};

}  // namespace

int main(int argc, char** argv) {
  return scenarios::run_rule_files(argc, argv, [](const std::string& path, bool rewrite) {
    return std::make_unique<Rules>(path, rewrite);
  });
}
