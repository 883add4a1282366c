#include "net/start_memory.h"

#include <doctest/doctest.h>
#include <link.h>

#include <fstream>
#include <string>

using namespace fairlead;

namespace {

// Of the program's own code, in kB.
size_t resident_code() {
  std::ifstream maps("/proc/self/smaps");
  size_t all = 0;
  bool code = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find("-") < line.find(' ')) code = line.find(" r-xp ") != std::string::npos;
    if (code && line.starts_with("Rss:")) all += std::stoul(line.substr(4));
  }
  return all;
}

}  // namespace

TEST_CASE("start memory: code that has run is given back, and runs again") {
  const size_t before = resident_code();
  REQUIRE(before > 0);
  net::give_back_start_memory();
  CHECK(resident_code() < before);
  CHECK(std::to_string(before).size() > 1);
}
