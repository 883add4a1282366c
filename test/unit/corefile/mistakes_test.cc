#include "corefile/mistakes.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "test/unit/corefile/support.h"

using namespace fairlead::corefile;
using fairlead::corefile::testing::kDirectives;
using fairlead::corefile::testing::Map;
using fairlead::corefile::testing::summary;

namespace {

// What parse() gathers, and the blocks that are left.
struct Gathered {
  explicit Gathered(const std::string& text, const Map& disk = {}) {
    const MemoryReader files(disk);
    Mistakes mistakes;
    blocks = summary(
        parse(text, "Corefile",
              {files, [](const std::string&) { return std::string(); }, kDirectives, &mistakes}));
    for (const Mistake& mistake : mistakes.sorted())
      lines.push_back(mistake.file + ":" + std::to_string(mistake.line));
  }

  std::vector<std::string> lines;
  std::string blocks;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("mistakes: by file and line, each once, without a place last") {
  Mistakes mistakes;
  mistakes.add(std::runtime_error("nowhere"));
  mistakes.add(ConfigError("b", "main", 9));
  mistakes.add(ConfigError("c", "part", 1));
  mistakes.add(ConfigError("a", "main", 2));
  mistakes.add(ConfigError("a", "main", 2));
  CHECK(mistakes.attempt([] {}));
  CHECK_FALSE(mistakes.attempt([] { throw std::runtime_error("nowhere"); }));
  std::string texts;
  for (const Mistake& mistake : mistakes.sorted()) texts += mistake.text + " ";
  CHECK(texts == "a b c nowhere ");
  CHECK(mistakes.count() == 4);
}

TEST_CASE("mistakes: more than are kept are counted") {
  Mistakes mistakes;
  for (int i = 0; i < 1500; ++i) mistakes.add(ConfigError("x", "f", i));
  CHECK(mistakes.sorted().size() == Mistakes::kMost);
  CHECK(mistakes.count() == 1500);
}

TEST_CASE("mistakes: the parser goes on behind names of directives and imports") {
  const Gathered all(
      ". {\n log\n nosuch a b {\n c\n }\n rewrite x y\n import none.conf\n errors\n}\n"
      "b {\n foward . 1.1.1.1\n import part\n}\n",
      {{"/part", "ready\nrewrite\n"}});
  CHECK(all.lines == Lines{"Corefile:3", "Corefile:6", "Corefile:7", "Corefile:11", "/part:2"});
  CHECK(all.blocks == ". (errors)(log)\nb (ready)\n");
}

TEST_CASE("mistakes: the parser ends where braces do not fit") {
  const Gathered open(". {\n nosuch\n}\nb {\n log\n");
  CHECK(open.lines == Lines{"Corefile:2", "Corefile:5"});
  CHECK(open.blocks == ". \n");
  CHECK(Gathered(". {\nlog\n}\n}\nrewrite\n").lines == Lines{"Corefile:4"});
}

TEST_CASE("mistakes: imports of oneself end at the bound") {
  const Gathered loop("(s) {\n import t\n}\n(t) {\n import s\n import s\n}\n. {\n import s\n}\n");
  CHECK(loop.lines.size() == 1);
}
