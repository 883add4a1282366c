// Any bytes as a hosts file: every name that is read is found again with its address, and both ways
// agree.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "plugins/hosts/lines.h"
#include "plugins/hosts/table.h"

namespace {

using namespace fairlead;
using plugins::hosts::HostMap;

void require(bool good) {
  if (!good) std::abort();
}

bool has(const HostMap& map, std::span<const uint32_t> numbers, const dns::IpAddress& address) {
  return std::any_of(numbers.begin(), numbers.end(),
                     [&](uint32_t number) { return map.address(number) == address; });
}

void check_entry(const HostMap& map, const dns::Name& name, const dns::IpAddress& address) {
  const auto found = map.find(name.view());
  const auto numbers = address.is_v6() ? found.v6 : found.v4;
  require(numbers.size() == HostMap::kMaxPerKey || has(map, numbers, address));
  const auto names = map.names_of(address);
  const bool back = std::any_of(names.begin(), names.end(), [&](uint32_t number) {
    return std::ranges::equal(map.name(number), name.view());
  });
  require(back || name.view()[1] == '*' || names.size() == HostMap::kMaxPerKey);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kEnough = 16'384;
  if (size > kEnough) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<dns::Name> zones(1);
  std::vector<std::string> problems;
  const HostMap map(text, HostMap::Reading{"hosts", zones, true, &problems});
  require(problems.size() <= HostMap::kMaxProblems);
  size_t checked = 0;
  plugins::hosts::read_lines(
      text,
      [&](const dns::Name& name, const dns::IpAddress& address) {
        if (++checked <= 1000) check_entry(map, name, address);
      },
      [](size_t, const std::string&) {});
  require((checked == 0) == (map.entries() == 0));
  return 0;
}
