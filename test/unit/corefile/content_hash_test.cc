#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "corefile/corefile.h"
#include "corefile/parser.h"
#include "test/unit/corefile/support.h"

using namespace fairlead::corefile;
using namespace fairlead::corefile::testing;

namespace {

constexpr DirectiveName kAll[] = {{"reload", true},   {"bind", true},  {"chaos", true},
                                  {"errors", true},   {"log", true},   {"loadbalance", true},
                                  {"rewrite", true},  {"any", true},   {"cache", true},
                                  {"template", true}, {"whoami", true}};

// A Corefile, where it is, and what CoreDNS makes of it.
struct Case {
  std::string about;
  std::string path;
  Map files;
  Map variables;
  std::string hash;
};

std::string octets(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      out += text[at];
    } else if (text[++at] == 'x') {
      out += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

void read_line(const std::string& line, Case& c, std::string*& last) {
  const std::string rest = line.substr(line.find(' ') + 1);
  if (line.starts_with("env ")) {
    c.variables[rest.substr(0, rest.find('='))] = rest.substr(rest.find('=') + 1);
  } else if (line.starts_with("file ")) {
    if (c.path.empty()) c.path = rest;
    last = &c.files[rest];
  } else if (line.starts_with("hash ")) {
    c.hash = rest;
  } else if (line.starts_with(" ") || line.starts_with("-")) {
    *last += octets(line.substr(1)) + (line[0] == ' ' ? "\n" : "");
  }
}

std::vector<Case> recorded() {
  std::ifstream in(FAIRLEAD_SOURCE_DIR "/test/data/coredns-1.15-hashes.txt");
  std::vector<Case> cases;
  std::string* last = nullptr;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("case ")) {
      cases.push_back({.about = line.substr(5)});
    } else if (!cases.empty()) {
      read_line(line, cases.back(), last);
    }
  }
  return cases;
}

std::string hash_of(const Case& c) {
  const MemoryReader reader(c.files);
  const Environment environment = [&](const std::string& name) {
    const auto found = c.variables.find(name);
    return found == c.variables.end() ? std::string() : found->second;
  };
  const Config config = parse(c.files.at(c.path), c.path, Sources{reader, environment, kAll});
  return content_hash(config.blocks, config.file);
}

}  // namespace

TEST_CASE("content hash: that of CoreDNS for the same files at the same places") {
  const std::vector<Case> cases = recorded();
  REQUIRE(cases.size() >= 25);
  for (const Case& c : cases) {
    CAPTURE(c.about);
    REQUIRE(c.hash.size() == 128);
    CHECK(hash_of(c) == c.hash);
  }
}

TEST_CASE("content hash: what is said counts, and on which lines") {
  const auto hash = [](const std::string& text, const Map& files = {}, const Map& variables = {}) {
    const Config config = parse_text(text, files, variables);
    return content_hash(config.blocks, config.file);
  };
  const std::string base = hash(". {\nlog\ncache 30\n}");
  CHECK(base.size() == 128);
  CHECK(base == hash(".   { # comment\n log\n  cache 30 # x\n}\n# comment\n"));
  CHECK(base != hash("# comment\n. {\nlog\ncache 30\n}"));
  CHECK(base != hash(". {\nlog\nimport f\n}", {{"/f", "cache 30"}}));
  CHECK(base != hash(".:53 {\nlog\ncache 30\n}"));
  CHECK(base != hash(". {\nlog\ncache 3 0\n}"));
  CHECK(base != hash(". {\nlog\ncache 30 {\n}\n}"));
  CHECK(hash("a b {\nlog\n}") != hash("a {\nlog\n}\nb {\nlog\n}"));
  const char* keyed = ". {\nlog {$X}\n}";
  CHECK(hash(keyed, {}, {{"X", "a"}}) != hash(keyed, {}, {{"X", "b"}}));
}
