#include "server/capabilities.h"

#include <doctest/doctest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace fairlead::server {
namespace {

constexpr unsigned kBit = CAP_TO_MASK(CAP_NET_BIND_SERVICE);

struct Sets {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};

  Sets() { REQUIRE(::syscall(SYS_capget, &header, data.data()) == 0); }
  void apply() { REQUIRE(::syscall(SYS_capset, &header, data.data()) == 0); }
};

// Capabilities belong to threads: what a thread gives up, the others keep.
struct Outcome {
  bool result = false;
  bool effective = false;
  bool others_unchanged = false;
};

Outcome raise_after(bool keep_permitted, bool keep_effective) {
  Outcome out;
  std::thread([&] {
    Sets before;
    if (!keep_effective) before.data[0].effective &= ~kBit;
    if (!keep_permitted) before.data[0].permitted &= ~kBit;
    before.apply();
    out.result = raise_bind_capability();
    const Sets after;
    out.effective = (after.data[0].effective & kBit) != 0;
    out.others_unchanged =
        (after.data[0].effective & ~kBit) == (before.data[0].effective & ~kBit) &&
        after.data[0].permitted == before.data[0].permitted;
  }).join();
  return out;
}

TEST_CASE("capabilities: what is not permitted is not raised") {
  const Outcome out = raise_after(false, false);
  CHECK_FALSE(out.result);
  CHECK_FALSE(out.effective);
  CHECK(out.others_unchanged);
}

TEST_CASE("capabilities: a permitted one becomes effective, an effective one stays") {
  if ((Sets().data[0].permitted & kBit) == 0) {
    MESSAGE("SKIPPED: needs the capability itself, as root has it");
    return;
  }
  for (const bool keep_effective : {false, true}) {
    CAPTURE(keep_effective);
    const Outcome out = raise_after(true, keep_effective);
    CHECK(out.result);
    CHECK(out.effective);
    CHECK(out.others_unchanged);
  }
}

}  // namespace
}  // namespace fairlead::server
