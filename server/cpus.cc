#include "server/cpus.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::server {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLargestMask = 1 << 16;  // CPUs

/// A control group hierarchy and this process's group in it.
struct Group {
  fs::path mount;
  fs::path path;  // below the mount
  bool v2 = false;
};

/// Quota of one group in CPUs: cpu.max holds "QUOTA PERIOD" in microseconds, "max" meaning none.
std::optional<double> quota_v2(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  double quota = 0;
  double period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return {};
  return quota / period;
}

/// The same in two files; -1 means none.
std::optional<double> quota_v1(const fs::path& group) {
  std::ifstream quota_file(group / "cpu.cfs_quota_us");
  std::ifstream period_file(group / "cpu.cfs_period_us");
  double quota = 0;
  double period = 0;
  if (!(quota_file >> quota) || !(period_file >> period) || quota <= 0 || period <= 0) return {};
  return quota / period;
}

bool names_cpu(const std::string& controllers) {
  return ("," + controllers + ",").find(",cpu,") != std::string::npos;
}

/// Reads /proc/self/cgroup: lines of ID:CONTROLLERS:PATH, version 2 with ID 0 and no controllers
/// (cgroups(7)).
std::vector<Group> groups(const fs::path& root) {
  std::vector<Group> out;
  const fs::path mount = root / "sys/fs/cgroup";
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path path = fs::path(line.substr(second + 1)).lexically_normal().relative_path();
    if (controllers.empty()) {
      out.push_back({mount, path, true});
      out.push_back({mount / "unified", path, true});
    } else if (names_cpu(controllers)) {
      out.push_back({mount / controllers, path, false});
      out.push_back({mount / "cpu", path, false});
    }
  }
  return out;
}

}  // namespace

size_t affinity_cpus() {
  for (size_t cpus = 1024; cpus <= kLargestMask; cpus *= 2) {
    std::vector<cpu_set_t> mask(cpus / (8 * sizeof(cpu_set_t)) + 1);
    const size_t size = mask.size() * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, size, mask.data()) != 0) continue;
    return std::max<size_t>(static_cast<size_t>(CPU_COUNT_S(size, mask.data())), 1);
  }
  return 1;
}

size_t usable_cpus(size_t affinity, const std::filesystem::path& root) {
  double cpus = static_cast<double>(std::max<size_t>(affinity, 1));
  for (const Group& group : groups(root)) {
    // In a container the path may be the host's and not exist here; its parents, at last the mount,
    // still count.
    for (fs::path path = group.path;; path = path.parent_path()) {
      const fs::path folder = group.mount / path;
      const auto quota = group.v2 ? quota_v2(folder) : quota_v1(folder);
      if (quota) cpus = std::min(cpus, *quota);
      if (path.empty()) break;
    }
  }
  return std::max<size_t>(static_cast<size_t>(std::ceil(cpus)), 1);
}

}  // namespace fairlead::server
