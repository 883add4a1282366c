#include "server/capabilities.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace fairlead::server {

bool raise_bind_capability() {
  // Two system calls are not worth a library.
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  const unsigned bit = CAP_TO_MASK(CAP_NET_BIND_SERVICE);
  auto& set = sets[CAP_TO_INDEX(CAP_NET_BIND_SERVICE)];
  if ((set.effective & bit) != 0) return true;
  if ((set.permitted & bit) == 0) return false;
  set.effective |= bit;
  return ::syscall(SYS_capset, &header, sets.data()) == 0;
}

}  // namespace fairlead::server
