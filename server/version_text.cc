#include "server/version_text.h"

#include "server/version.h"

namespace fairlead::server {
namespace {

#if defined(__x86_64__)
constexpr char kPlatform[] = "linux/amd64";
#elif defined(__aarch64__)
constexpr char kPlatform[] = "linux/arm64";
#else
constexpr char kPlatform[] = "linux";
#endif

}  // namespace

std::string version_text() {
  return std::string("Fairlead-") + kVersion + "\n" + kPlatform + ", g++ " + __VERSION__ + "\n";
}

}  // namespace fairlead::server
