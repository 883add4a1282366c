// How many CPUs this process may use.
#pragma once

#include <cstddef>
#include <filesystem>

namespace fairlead::server {

/// CPUs in this thread's affinity mask; at least 1.
size_t affinity_cpus();

/// The number of workers worth running: `affinity`, lowered to the CPU quota of the process's
/// control group and of every group above it (v2 cpu.max, v1 cpu.cfs_quota_us), rounded up; at
/// least 1. `root` stands for "/" in tests.
size_t usable_cpus(size_t affinity = affinity_cpus(), const std::filesystem::path& root = "/");

}  // namespace fairlead::server
