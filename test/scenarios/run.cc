// Runs scenario files (README.md says how they are written). With --rewrite each file gets the
// answers of today instead of being compared with them: read the diff before it is committed.
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "test/scenarios/cluster.h"

namespace {

using fairlead::scenarios::Cluster;
using fairlead::scenarios::Question;

using Lines = std::vector<std::string>;

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

class Scenario {
 public:
  Scenario(const std::string& path, bool rewrite) : path_(path), rewrite_(rewrite) {
    std::ifstream in(path);
    if (!in) throw std::runtime_error("cannot be read");
    for (std::string line; std::getline(in, line);) lines_.push_back(line);
  }

  // Runs everything; the number of replies that are not as written.
  int run() {
    while (at_ < lines_.size()) step();
    if (asked_ == 0) throw std::runtime_error("asks nothing");
    return wrong_;
  }

  // The file as it would be right today; valid after run().
  [[nodiscard]] const Lines& today() const { return today_; }

  [[nodiscard]] std::string where() const { return path_ + ":" + std::to_string(at_); }

 private:
  std::string take() {
    today_.push_back(lines_[at_]);
    return lines_[at_++];
  }

  void step() {
    const std::string line = take();
    if (line.empty() || line[0] == '#') return;
    if (line.starts_with("kubernetes ")) return begin(line);
    if (!cluster_) throw std::runtime_error("a kubernetes directive must come first");
    if (line == "unsynced") {
      synced_ = false;
    } else if (line == "yaml") {
      cluster_->load_yaml(take_yaml());
    } else if (line.starts_with("query ")) {
      ask(fairlead::scenarios::parse_question(line.substr(6)));
    } else if (!cluster_->change(line)) {
      throw std::runtime_error("not understood: " + line);
    }
  }

  void begin(const std::string& first) {
    Lines directive{first};
    while (at_ < lines_.size() && is_indented(lines_[at_])) directive.push_back(take());
    cluster_ = std::make_unique<Cluster>(directive);
    synced_ = true;
  }

  std::string take_yaml() {
    std::string text;
    while (at_ < lines_.size() && lines_[at_] != "end") text += take() + "\n";
    if (at_ == lines_.size()) throw std::runtime_error("yaml without end");
    take();
    return text;
  }

  void ask(const Question& question) {
    if (synced_) cluster_->sync();
    const int line = static_cast<int>(at_);
    Lines expected;
    while (at_ < lines_.size() && is_reply_line(lines_[at_])) expected.push_back(lines_[at_++]);
    const Lines reply = reply_lines(question, cluster_->ask(encode(question), question.tcp));
    today_.insert(today_.end(), reply.begin(), reply.end());
    ++asked_;
    if (rewrite_ || reply == expected) return;
    ++wrong_;
    std::printf("%s:%d: query %s %s\n", path_.c_str(), line, question.name.c_str(),
                question.type.c_str());
    for (const std::string& text : expected) std::printf("  expected  %s\n", text.c_str());
    for (const std::string& text : reply) std::printf("  got       %s\n", text.c_str());
  }

  const std::string path_;
  const bool rewrite_;
  Lines lines_, today_;
  size_t at_ = 0;
  std::unique_ptr<Cluster> cluster_;
  bool synced_ = true;
  int asked_ = 0;
  int wrong_ = 0;
};

bool run_file(const std::string& path, bool rewrite) {
  Scenario scenario(path, rewrite);
  try {
    const int wrong = scenario.run();
    if (!rewrite) return wrong == 0;
  } catch (const std::exception& error) {
    std::printf("%s: %s\n", scenario.where().c_str(), error.what());
    return false;
  }
  std::ofstream out(path);
  for (const std::string& line : scenario.today()) out << line << '\n';
  return out.good();
}

}  // namespace

int main(int argc, char** argv) {
  const bool rewrite = argc > 1 && std::strcmp(argv[1], "--rewrite") == 0;
  const int first = rewrite ? 2 : 1;
  if (argc <= first) {
    std::fprintf(stderr, "usage: scenario [--rewrite] FILE...\n");
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
