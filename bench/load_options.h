// What the load generators are told and do alike.
#pragma once

#include <string>
#include <vector>

#include "bench/load_report.h"
#include "bench/query_list.h"

namespace fairlead::bench {

/// -s ADDRESS -p PORT -d QUERIES -w WINDOW -t SECONDS -P PID -S
struct LoadOptions {
  std::string address = "127.0.0.1";
  std::string queries;
  int port = 53;
  int window = 1;
  double seconds = 5;
  int pid = 0;
  bool shuffle = false;
};

/// The letters of LoadOptions, for getopt(3).
inline constexpr const char* kLoadFlags = "s:p:d:w:t:P:S";

/// Takes one flag of getopt(3); false when it is none of these.
bool take_flag(int flag, const char* value, LoadOptions& options);

/// True when what is common makes sense.
bool is_sensible(const LoadOptions& options);

/// The queries, in random order if that is wanted. Nothing, and a message, when there are none.
std::vector<Query> queries_of(const LoadOptions& options, int edns, const char* program);

struct Measured {
  double elapsed = 0;  // seconds
  double cpu = -1;     // seconds of the server; below 0 when it is not known
};

/// Runs a load that is connected.
template <typename Load>
Measured measure(Load& load, const LoadOptions& options) {
  const double before = cpu_seconds(options.pid);
  const double elapsed = load.run();
  return {elapsed, options.pid > 0 ? cpu_seconds(options.pid) - before : -1};
}

}  // namespace fairlead::bench
