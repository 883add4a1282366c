// Any bytes as a weight file of loadbalance: it is understood or there is an error of one line, and
// every weight is one.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/prng.h"
#include "plugins/loadbalance/weights.h"

namespace {

using namespace fairlead;
using plugins::loadbalance::Weights;

void require(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kEnough = 16'384;
  if (size > kEnough) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string error;
  const Weights weights = Weights::from_text(text, "weights", error);
  require(error.find('\n') == std::string::npos);
  require(error.empty() || weights.size() == 0);
  const dns::Name name = *dns::Name::from_text("a.test");
  dns::Answer answer;
  for (uint8_t i = 0; i < 4; ++i) {
    const std::array<uint8_t, 4> octets{10, 0, 0, i};
    answer.add_address(dns::Section::Answer, dns::kQname, 5, dns::IpAddress(octets));
    require(weights.weight(name.view(), dns::IpAddress(octets)) != 0);
  }
  net::Prng random(size);
  plugins::loadbalance::put_drawn_first(answer, name.view(), weights, random);
  require(answer.records().size() == 4);
  return 0;
}
