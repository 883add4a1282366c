// Asks this cluster what CoreDNS was asked about the same objects, and compares. Arguments: the
// folder of recordings, the table of known differences, the document that explains them. With a
// fourth one only that variant is asked, and all its unexplained cases are printed.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "test/scenarios/differences.h"
#include "test/scenarios/world.h"

namespace {

using fairlead::scenarios::Compared;
using fairlead::scenarios::Differences;
using fairlead::scenarios::World;

constexpr int kShown = 10;

struct Tally {
  size_t asked = 0;
  size_t wrong = 0;
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The Corefile in the head comment of a recording: the indented lines.
std::string corefile_of(std::istream& in) {
  std::string text;
  for (std::string line; std::getline(in, line) && !line.empty() && line[0] == '#';) {
    if (line.starts_with("#   ")) text += line.substr(1) + "\n";
  }
  return text;
}

void print(const Compared& compared, const std::vector<std::string>& kinds) {
  std::printf("query %s %s%s\n", compared.question.name.c_str(), compared.question.type.c_str(),
              compared.question.tcp ? " tcp" : "");
  std::printf("  differs in:");
  for (const std::string& kind : kinds) std::printf(" %s", kind.c_str());
  std::printf("\n");
  for (const std::string& line : compared.theirs) std::printf("  theirs  %s\n", line.c_str());
  for (const std::string& line : compared.ours) std::printf("  ours    %s\n", line.c_str());
}

void replay(std::istream& in, World& world, Differences& differences, size_t shown, Tally& tally) {
  Compared compared;
  const auto compare = [&] {
    if (compared.question.name.empty()) return;
    compared.ours = reply_lines(compared.question, world.server().ask(compared.question)->reply());
    const auto kinds = differences.unexplained(compared);
    ++tally.asked;
    if (!kinds.empty() && ++tally.wrong <= shown) print(compared, kinds);
    compared = Compared{};
  };
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("query ")) {
      compare();
      compared.question = fairlead::scenarios::parse_question(line.substr(6));
    } else if (!line.empty() && line[0] != '#') {
      compared.theirs.push_back(line);
    }
  }
  compare();
}

int run(const std::filesystem::path& folder, Differences& differences, const std::string& only) {
  const std::string objects = read_file(folder / "objects.yaml");
  size_t wrong = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string variant = entry.path().stem();
    if (entry.path().extension() != ".txt" || (!only.empty() && variant != only)) continue;
    std::ifstream in(entry.path());
    World world({fairlead::plugins::directives().begin(), fairlead::plugins::directives().end()});
    world.set_local({"10.250.53.53"});
    if (const auto error = world.begin(corefile_of(in))) throw std::runtime_error(*error);
    world.cluster().load_yaml(objects);
    Tally tally;
    replay(in, world, differences, only.empty() ? kShown : 100000, tally);
    std::printf("%-20s %5zu asked, %zu differ unexplained\n", variant.c_str(), tally.asked,
                tally.wrong);
    wrong += tally.wrong + (tally.asked == 0 ? 1 : 0);
  }
  if (only.empty()) {
    for (const std::string& heading : differences.unused()) {
      std::printf("an entry that explains nothing: %s\n", heading.c_str());
      ++wrong;
    }
  }
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: replay RECORDINGS DIFFERENCES DOCUMENT [VARIANT]\n");
    return 2;
  }
  try {
    Differences differences(argv[2]);
    const auto undocumented = differences.undocumented(argv[3]);
    for (const std::string& heading : undocumented) {
      std::printf("no heading in %s: %s\n", argv[3], heading.c_str());
    }
    if (!undocumented.empty()) return 1;
    return run(argv[1], differences, argc > 4 ? argv[4] : "");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "replay: %s\n", error.what());
    return 2;
  }
}
