// The ConfigMap of kube-dns: words that are safe in a Corefile, or an error that names the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "k8s-watch/kube_dns.h"

namespace {

void must_be_one_word(const std::string& text) {
  if (text.empty() || text.find_first_of(" \t\r\n\"'{}#\\$") != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const auto config = fairlead::k8s_watch::read_kube_dns("f", text);
    for (const auto& stub : config.stub_domains) {
      must_be_one_word(stub.domain);
      if (stub.servers.empty()) std::abort();
      for (const std::string& server : stub.servers) must_be_one_word(server);
    }
    for (const std::string& server : config.upstreams) must_be_one_word(server);
  } catch (const std::runtime_error& error) {
    const std::string what = error.what();
    if (!what.starts_with("f: ") || what.find_first_of("\r") != std::string::npos) std::abort();
  }
  return 0;
}
