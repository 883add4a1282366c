// A kubeconfig: an access or an error that names the file. Files that the text names are looked for
// where none are.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "k8s-watch/kubeconfig.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  // An absolute path in the text could name a device that never ends.
  if (text.find("/dev") != std::string::npos || text.find("/proc") != std::string::npos) return 0;
  try {
    fairlead::k8s_watch::parse_kubeconfig(text, "/nonexistent/config", "");
  } catch (const std::runtime_error& error) {
    if (!std::string(error.what()).starts_with("kubeconfig /nonexistent/config: ")) std::abort();
  }
  return 0;
}
