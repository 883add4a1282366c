#include "plugins/loop/probe.h"

#include <string>

#include "net/random.h"

namespace fairlead::plugins::loop {

std::optional<dns::Name> probe_name(const dns::Name& zone) {
  dns::Name name = zone;
  net::Random random;
  for (int i = 0; i < 2; ++i)
    if (!name.prepend(std::to_string(random.u64()))) return std::nullopt;
  return name;
}

}  // namespace fairlead::plugins::loop
