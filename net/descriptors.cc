#include "net/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace fairlead::net {
namespace {

constexpr size_t kReserve = 256;
constexpr size_t kUsualLimit = 1024;  // where the kernel does not tell

}  // namespace

size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kUsualLimit;
  rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

size_t client_descriptors(size_t descriptors) {
  return std::max<size_t>(descriptors - std::min(kReserve, descriptors / 2), 1);
}

}  // namespace fairlead::net
