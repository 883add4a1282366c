#include "net/short_turns.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace fairlead::net {
namespace {

// sched_attr of sched_setattr(2), its first version: glibc has neither that nor the calls, and the
// kernel's own header cannot be used beside glibc's.
struct Attributes {
  uint32_t size = 0;
  uint32_t policy = 0;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  uint64_t runtime = 0;  // nanoseconds: of an ordinary thread, the length of its turns
  uint64_t deadline = 0;
  uint64_t period = 0;
};

constexpr uint64_t kShortest = 100'000;

}  // namespace

void ask_for_short_turns() {
  Attributes attributes;
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  attributes.runtime = kShortest;
  static_cast<void>(::syscall(SYS_sched_setattr, 0, &attributes, 0));
}

}  // namespace fairlead::net
