// What a reader of dnstap says while the conversation is agreed on. The first octet is the size of
// the pieces that it comes in: they make no difference.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "plugins/dnstap/frames.h"

namespace {

using fairlead::plugins::dnstap::ControlReader;
using Said = ControlReader::Said;

std::vector<Said> heard(std::span<const uint8_t> octets, size_t piece) {
  ControlReader reader;
  std::vector<Said> all;
  while (!octets.empty()) {
    auto next = octets.first(std::min(piece, octets.size()));
    octets = octets.subspan(next.size());
    while (!next.empty()) {
      const size_t before = next.size();
      const Said said = reader.take(next);
      if (said == Said::Wrong) {
        all.push_back(said);
        return all;
      }
      if (next.size() == before && said == Said::Nothing) std::abort();
      if (said != Said::Nothing) all.push_back(said);
    }
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 65536) return 0;
  // On the heap and of its own size, so that a sanitizer sees every octet too far.
  const std::vector<uint8_t> octets(data + 1, data + size);
  if (heard(octets, std::max<size_t>(data[0], 1)) != heard(octets, octets.size() + 1)) {
    std::fprintf(stderr, "broken: pieces make a difference\n");
    std::abort();
  }
  return 0;
}
