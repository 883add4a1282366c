#include "plugins/loop/probe.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <string>

namespace fairlead::plugins::loop {
namespace {

// Up to 256 octets come whole or not at all (getrandom(2)).
std::optional<uint64_t> random_number() {
  uint64_t number = 0;
  ssize_t n = 0;
  do {
    n = ::getrandom(&number, sizeof number, 0);
  } while (n < 0 && errno == EINTR);
  if (n != static_cast<ssize_t>(sizeof number)) return std::nullopt;
  return number;
}

}  // namespace

std::optional<dns::Name> probe_name(const dns::Name& zone) {
  dns::Name name = zone;
  for (int i = 0; i < 2; ++i) {
    const auto number = random_number();
    if (!number || !name.prepend(std::to_string(*number))) return std::nullopt;
  }
  return name;
}

}  // namespace fairlead::plugins::loop
