#include "bench/load_options.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace fairlead::bench {

bool take_flag(int flag, const char* value, LoadOptions& options) {
  switch (flag) {
    case 's':
      options.address = value;
      return true;
    case 'p':
      options.port = std::atoi(value);
      return true;
    case 'd':
      options.queries = value;
      return true;
    case 'w':
      options.window = std::atoi(value);
      return true;
    case 't':
      options.seconds = std::atof(value);
      return true;
    case 'P':
      options.pid = std::atoi(value);
      return true;
    case 'S':
      options.shuffle = true;
      return true;
    default:
      return false;
  }
}

bool is_sensible(const LoadOptions& options) {
  return options.window > 0 && options.seconds > 0 && !options.queries.empty();
}

std::vector<Query> queries_of(const LoadOptions& options, int edns, const char* program) {
  auto queries = load_queries(options.queries, edns);
  if (options.shuffle) std::shuffle(queries.begin(), queries.end(), std::mt19937(1));
  if (queries.empty())
    std::fprintf(stderr, "%s: no queries in '%s'\n", program, options.queries.c_str());
  return queries;
}

}  // namespace fairlead::bench
