// A file of manifests: objects or an error that names the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "k8s-watch/manifests.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fairlead::k8s_watch::WatchOptions options;
  options.pods = true;
  options.labels = "!hidden";
  try {
    fairlead::k8s_watch::read_manifests(
        {{"file", std::string(reinterpret_cast<const char*>(data), size)}}, options);
  } catch (const std::runtime_error& error) {
    if (!std::string(error.what()).starts_with("file: ")) std::abort();
  }
  return 0;
}
