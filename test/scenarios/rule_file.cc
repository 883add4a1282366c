#include "test/scenarios/rule_file.h"

#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace fairlead::scenarios {
namespace {

bool run_file(RuleFile& rules, const std::string& path, bool rewrite) {
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

RuleFile::RuleFile(const std::string& path, bool rewrite) : path_(path), rewrite_(rewrite) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot be read");
  for (std::string line; std::getline(in, line);) lines_.push_back(line);
}

int RuleFile::run() {
  while (at_ < lines_.size()) {
    const std::string line = take();
    if (!line.empty() && line[0] != '#') step(line);
  }
  if (asked_ == 0) throw std::runtime_error("asks nothing");
  return wrong_;
}

std::string RuleFile::take() {
  today_.push_back(lines_[at_]);
  return lines_[at_++];
}

Lines RuleFile::take_while(const std::function<bool(const std::string&)>& wanted) {
  Lines lines;
  while (at_ < lines_.size() && wanted(lines_[at_])) lines.push_back(take());
  return lines;
}

std::string RuleFile::take_text() {
  std::string text;
  for (const std::string& line : take_while([](const std::string& next) { return next != "end"; }))
    text += line + "\n";
  if (at_ == lines_.size()) throw std::runtime_error("a text without end");
  take();
  return text;
}

void RuleFile::answer(const std::string& question, const Lines& said,
                      const std::function<bool(const std::string&)>& expected) {
  const size_t line = at_;
  Lines written;
  while (at_ < lines_.size() && expected(lines_[at_])) written.push_back(lines_[at_++]);
  today_.insert(today_.end(), said.begin(), said.end());
  ++asked_;
  if (rewrite_ || said == written) return;
  ++wrong_;
  std::printf("%s:%zu: %s\n", path_.c_str(), line, question.c_str());
  for (const std::string& text : written) std::printf("  expected  %s\n", text.c_str());
  for (const std::string& text : said) std::printf("  got       %s\n", text.c_str());
}

int run_rule_files(int argc, char** argv, const MakeRuleFile& make) {
  const bool rewrite = argc > 1 && std::strcmp(argv[1], "--rewrite") == 0;
  const int first = rewrite ? 2 : 1;
  if (argc <= first) {
    std::fprintf(stderr, "usage: %s [--rewrite] FILE...\n", argv[0]);
    return 2;
  }
  bool good = true;
  for (int i = first; i < argc; ++i) {
    const std::string path = std::filesystem::absolute(argv[i]);  // a file may change the folder
    try {
      good = run_file(*make(path, rewrite), path, rewrite) && good;
    } catch (const std::exception& error) {
      std::printf("%s: %s\n", argv[i], error.what());
      good = false;
    }
  }
  return good ? 0 : 1;
}

}  // namespace fairlead::scenarios
