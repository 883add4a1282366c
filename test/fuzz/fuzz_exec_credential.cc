// What a credential plugin wrote: a credential that can be used, or one line of printable text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "k8s-watch/exec_plugin.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using fairlead::k8s_watch::ExecCredential;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const ExecCredential got =
        fairlead::k8s_watch::parse_exec_credential(text, "client.authentication.k8s.io/v1");
    const auto control = [](unsigned char c) { return c < ' ' || c == 0x7F; };
    if (got.token.empty() && got.cert_pem.empty()) std::abort();
    if (got.cert_pem.empty() != got.key_pem.empty()) std::abort();
    if (std::ranges::any_of(got.token, control)) std::abort();
  } catch (const std::runtime_error& error) {
    const std::string_view what = error.what();
    if (std::ranges::any_of(what, [](char c) { return c < ' ' || c > '~'; })) std::abort();
  }
  return 0;
}
