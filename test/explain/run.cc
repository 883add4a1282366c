// Runs the files of rules/ (README.md says how they are written). With --rewrite each file gets the
// texts of today instead of being compared with them: read the diff before it is committed.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "corefile/file_reader.h"
#include "k8s-watch/manifests.h"
#include "server/explain_command.h"
#include "zones/store.h"

namespace {

using namespace fairlead;
using Lines = std::vector<std::string>;

constexpr uint16_t kPort = 53;

template <typename Objects, typename Keep>
void put(const Objects& objects, zones::Store& store, Keep keep) {
  for (const auto& [key, object] : objects) {
    store.put(object);
    keep(key, object);
  }
}

// What load_cluster() would have read.
server::ClusterView cluster(const std::string& yaml, const std::string& trouble,
                            const k8s_watch::WatchOptions& options) {
  server::ClusterView view;
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
  if (trouble.empty()) store.set_synced();
  view.trouble = trouble;
  view.snapshot = store.freeze(1);
  return view;
}

class Rules {
 public:
  Rules(const std::string& path, bool rewrite) : path_(path), rewrite_(rewrite) {
    std::ifstream in(path);
    if (!in) throw std::runtime_error("cannot be read");
    for (std::string line; std::getline(in, line);) lines_.push_back(line);
  }

  // The number of texts that are not as written.
  int run() {
    while (at_ < lines_.size()) step();
    if (asked_ == 0) throw std::runtime_error("asks nothing");
    return wrong_;
  }

  [[nodiscard]] const Lines& today() const { return today_; }
  [[nodiscard]] std::string where() const { return path_ + ":" + std::to_string(at_); }

 private:
  std::string take() {
    today_.push_back(lines_[at_]);
    return lines_[at_++];
  }

  std::string take_text() {
    std::string text;
    while (at_ < lines_.size() && lines_[at_] != "end") text += take() + "\n";
    if (at_ == lines_.size()) throw std::runtime_error("a text without end");
    take();
    return text;
  }

  void step() {
    const std::string line = take();
    if (line.empty() || line[0] == '#') return;
    if (line == "corefile") {
      corefile_ = take_text();
    } else if (line == "yaml") {
      yaml_ = take_text();
      trouble_.clear();
    } else if (line.starts_with("trouble ")) {
      trouble_ = line.substr(8);
    } else if (line.starts_with("explain ")) {
      ask(line.substr(8));
    } else {
      throw std::runtime_error("not understood: " + line);
    }
  }

  [[nodiscard]] server::Config config() const {
    const std::map<std::string, std::string> disk{{"/etc/resolv.conf", "nameserver 192.0.2.1\n"}};
    const corefile::MemoryReader files(disk);
    const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
    return server::make_config(
        corefile::parse(corefile_, "Corefile", corefile::Sources{files, no_variables}), kPort,
        files, {});
  }

  [[nodiscard]] server::ExplainFlags flags(const std::string& words) const {
    std::istringstream in(words);
    Lines arguments;
    for (std::string word; in >> word;)
      arguments.push_back(word.starts_with("server=") ? "-" + word : word);
    const auto parsed = server::parse_explain_flags(arguments);
    if (const auto* error = std::get_if<server::UsageError>(&parsed))
      throw std::runtime_error(error->message);
    return std::get<server::ExplainFlags>(parsed);
  }

  void ask(const std::string& words) {
    const server::ExplainFlags asked = flags(words);
    server::Explainer explainer(config(), [this](const k8s_watch::WatchOptions& options) {
      return cluster(yaml_, trouble_, options);
    });
    Lines said;
    for (const auto& one : explainer.explain(asked.question, asked.port, asked.server)) {
      std::istringstream text(one.text);
      for (std::string line; std::getline(text, line);) said.push_back("> " + line);
    }
    const int line = static_cast<int>(at_);
    Lines expected;
    while (at_ < lines_.size() && lines_[at_].starts_with("> ")) expected.push_back(lines_[at_++]);
    today_.insert(today_.end(), said.begin(), said.end());
    ++asked_;
    if (rewrite_ || said == expected) return;
    ++wrong_;
    std::printf("%s:%d: explain %s\n", path_.c_str(), line, words.c_str());
    for (const std::string& text : expected) std::printf("  expected  %s\n", text.c_str());
    for (const std::string& text : said) std::printf("  got       %s\n", text.c_str());
  }

  const std::string path_;
  const bool rewrite_;
  Lines lines_, today_;
  size_t at_ = 0;
  std::string corefile_, yaml_, trouble_;
  int asked_ = 0;
  int wrong_ = 0;
};

bool run_file(const std::string& path, bool rewrite) {
  Rules rules(path, rewrite);
  try {
    const int wrong = rules.run();
    if (!rewrite) return wrong == 0;
  } catch (const std::exception& error) {
    std::printf("%s: %s\n", rules.where().c_str(), error.what());
    return false;
  }
  std::ofstream out(path);
  for (const std::string& line : rules.today()) out << line << '\n';
  return out.good();
}

}  // namespace

int main(int argc, char** argv) {
  const bool rewrite = argc > 1 && std::strcmp(argv[1], "--rewrite") == 0;
  const int first = rewrite ? 2 : 1;
  if (argc <= first) {
    std::fprintf(stderr, "usage: explain_rules [--rewrite] FILE...\n");
    return 2;
  }
  bool good = true;
  for (int i = first; i < argc; ++i) {
    try {
      good = run_file(argv[i], rewrite) && good;
    } catch (const std::exception& error) {
      std::printf("%s: %s\n", argv[i], error.what());
      good = false;
    }
  }
  return good ? 0 : 1;
}
