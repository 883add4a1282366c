// Any bytes as a file of secrets: it is understood or there is an error of one line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/tsig/key_file.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace fairlead;
  constexpr size_t kEnough = 16'384;
  if (size > kEnough) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<signing::TsigKey> keys;
  const std::string error = plugins::tsig::read_key_file(text, keys);
  require(error.find('\n') == std::string::npos);
  require(error.empty() || error.starts_with("line "));
  for (const signing::TsigKey& key : keys) require(key.secret.size() <= size);
  return 0;
}
