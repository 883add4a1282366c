// Runs scenario files (README.md says how they are written). With --rewrite each file gets the
// answers of today instead of being compared with them: read the diff before it is committed.
#include <memory>
#include <stdexcept>
#include <string>

#include "test/scenarios/cluster.h"
#include "test/scenarios/rule_file.h"

namespace {

using fairlead::scenarios::Cluster;
using fairlead::scenarios::Lines;
using fairlead::scenarios::Question;
using fairlead::scenarios::RuleFile;

bool is_reply_line(const std::string& line) {
  for (const char* word :
       {"reply ", "noreply", "question ", "edns ", "answer ", "authority ", "additional "}) {
    if (line.starts_with(word)) return true;
  }
  return false;
}

bool is_indented(const std::string& line) {
  return !line.empty() && (line[0] == ' ' || line[0] == '\t');
}

class Scenario final : public RuleFile {
 public:
  using RuleFile::RuleFile;

 private:
  void step(const std::string& line) override {
    if (line.starts_with("kubernetes ")) return begin(line);
    if (!cluster_) throw std::runtime_error("a kubernetes directive must come first");
    if (line == "unsynced") {
      synced_ = false;
    } else if (line == "yaml") {
      cluster_->load_yaml(take_text());
    } else if (line.starts_with("query ")) {
      ask(fairlead::scenarios::parse_question(line.substr(6)));
    } else if (!cluster_->change(line)) {
      throw std::runtime_error("not understood: " + line);
    }
  }

  void begin(const std::string& first) {
    Lines directive = take_while(is_indented);
    directive.insert(directive.begin(), first);
    cluster_ = std::make_unique<Cluster>(directive);
    synced_ = true;
  }

  void ask(const Question& question) {
    if (synced_) cluster_->sync();
    answer("query " + question.name + " " + question.type,
           reply_lines(question, cluster_->ask(encode(question), question.tcp)), is_reply_line);
  }

  std::unique_ptr<Cluster> cluster_;
  bool synced_ = true;
};

}  // namespace

int main(int argc, char** argv) {
  return fairlead::scenarios::run_rule_files(argc, argv, [](const std::string& path, bool rewrite) {
    return std::make_unique<Scenario>(path, rewrite);
  });
}
