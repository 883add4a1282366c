// Queries to send, from a file with one "NAME TYPE" per line, as dnsperf takes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fairlead::bench {

inline constexpr size_t kMaxQuery = 320;

/// In wire form: RD set, ID 0.
struct Query {
  std::array<uint8_t, kMaxQuery> octets{};
  size_t size = 0;
};

/// The queries of the file `path`, with an OPT record of that size unless `edns` is 0. Lines that
/// are not a name and a known type are left out.
std::vector<Query> load_queries(const std::string& path, int edns);

}  // namespace fairlead::bench
