#include "server/cpus.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>

#include "test/unit/support/temporary_folder.h"

namespace fairlead::server {
namespace {

namespace fs = std::filesystem;

/// A folder that stands for "/" with the given files.
class Root {
 public:
  explicit Root(const std::map<std::string, std::string>& files) {
    for (const auto& [file, content] : files) folder_.write(file, content);
  }
  [[nodiscard]] fs::path path() const { return folder_.path(""); }

 private:
  const test::TemporaryFolder folder_;
};

TEST_CASE("cpus: affinity and quota") {
  const std::string cg = "sys/fs/cgroup/";
  const struct {
    const char* what;
    std::map<std::string, std::string> files;
    size_t affinity, usable;
  } rows[] = {
      {"no control groups", {}, 4, 4},
      {"nothing at all", {}, 0, 1},
      {"v2 without a limit",
       {{"proc/self/cgroup", "0::/\n"}, {cg + "cpu.max", "max 100000\n"}},
       4,
       4},
      {"v2, two CPUs", {{"proc/self/cgroup", "0::/\n"}, {cg + "cpu.max", "200000 100000\n"}}, 8, 2},
      {"v2, a fraction is rounded up",
       {{"proc/self/cgroup", "0::/\n"}, {cg + "cpu.max", "250000 100000\n"}},
       8,
       3},
      {"v2, a tenth of a CPU",
       {{"proc/self/cgroup", "0::/\n"}, {cg + "cpu.max", "10000 100000\n"}},
       8,
       1},
      {"a quota above the affinity",
       {{"proc/self/cgroup", "0::/\n"}, {cg + "cpu.max", "900000 100000\n"}},
       2,
       2},
      {"v2, the group's own folder",
       {{"proc/self/cgroup", "0::/a/b\n"}, {cg + "a/b/cpu.max", "100000 100000\n"}},
       8,
       1},
      {"v2, a parent's limit",
       {{"proc/self/cgroup", "0::/a/b\n"},
        {cg + "a/b/cpu.max", "max 100000\n"},
        {cg + "a/cpu.max", "300000 100000\n"}},
       8,
       3},
      {"v2, a path of the host's that is not here",
       {{"proc/self/cgroup", "0::/kubepods/x\n"}, {cg + "cpu.max", "100000 50000\n"}},
       8,
       2},
      {"v1",
       {{"proc/self/cgroup", "4:memory:/x\n3:cpu,cpuacct:/x\n"},
        {cg + "cpu,cpuacct/x/cpu.cfs_quota_us", "150000\n"},
        {cg + "cpu,cpuacct/x/cpu.cfs_period_us", "100000\n"}},
       8,
       2},
      {"v1 mounted as cpu",
       {{"proc/self/cgroup", "3:cpuacct,cpu:/\n"},
        {cg + "cpu/cpu.cfs_quota_us", "100000\n"},
        {cg + "cpu/cpu.cfs_period_us", "100000\n"}},
       8,
       1},
      {"v1 without a limit",
       {{"proc/self/cgroup", "3:cpu:/\n"},
        {cg + "cpu/cpu.cfs_quota_us", "-1\n"},
        {cg + "cpu/cpu.cfs_period_us", "100000\n"}},
       8,
       8},
      {"cpuset is another controller",
       {{"proc/self/cgroup", "3:cpuset:/\n"},
        {cg + "cpuset/cpu.cfs_quota_us", "100000\n"},
        {cg + "cpuset/cpu.cfs_period_us", "100000\n"}},
       8,
       8},
      {"both versions",
       {{"proc/self/cgroup", "1:cpu:/\n0::/\n"},
        {cg + "cpu/cpu.cfs_quota_us", "200000\n"},
        {cg + "cpu/cpu.cfs_period_us", "100000\n"},
        {cg + "unified/cpu.max", "max 100000\n"}},
       8,
       2},
      {"garbage",
       {{"proc/self/cgroup", "x\n0:\n::\n0::/../../..\n"}, {cg + "cpu.max", "lots\n"}},
       3,
       3},
      {"a period of zero", {{"proc/self/cgroup", "0::/\n"}, {cg + "cpu.max", "100000 0\n"}}, 3, 3},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const Root root(row.files);
    CHECK(usable_cpus(row.affinity, root.path()) == row.usable);
  }
}

TEST_CASE("cpus: this machine has some") {
  CHECK(affinity_cpus() >= 1);
  CHECK(usable_cpus() >= 1);
  CHECK(usable_cpus() <= affinity_cpus());
}

}  // namespace
}  // namespace fairlead::server
