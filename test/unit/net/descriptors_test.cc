#include "net/descriptors.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <limits>

namespace fairlead::net {
namespace {

TEST_CASE("descriptors: what is left for clients") {
  constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();
  const struct {
    size_t descriptors, clients;
  } rows[] = {{0, 1},
              {1, 1},
              {64, 32},
              {512, 256},
              {1024, 768},
              {1 << 20, (1 << 20) - 256},
              {kNoLimit, kNoLimit - 256}};
  for (const auto& row : rows) {
    CAPTURE(row.descriptors);
    CHECK(client_descriptors(row.descriptors) == row.clients);
  }
}

TEST_CASE("descriptors: the soft limit becomes the hard one") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit lower = before;
  lower.rlim_cur = before.rlim_cur / 2;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &lower) == 0);
  CHECK(raise_descriptor_limit() == before.rlim_max);
  rlimit after{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace fairlead::net
