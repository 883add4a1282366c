// One item of a list, of every kind: octet 0 chooses which.
#include <cstddef>
#include <cstdint>

#include "k8s-watch/decode.h"

namespace {

struct Silent final : fairlead::k8s_watch::DecodeSink {
  void event(fairlead::k8s_watch::Event&&) override {}
  void skipped(fairlead::k8s_watch::Skip&&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Silent sink;
  fairlead::k8s_watch::ListDecoder decoder(
      static_cast<fairlead::zones::Kind>(data[0] % fairlead::zones::kKinds),
      {.outside = true, .zones = true, .imports = true});
  if (decoder.feed("{\"items\":[", sink) && decoder.feed(text, sink) && decoder.feed("]}", sink))
    decoder.finish();
  fairlead::k8s_watch::decode_status(text);
  return 0;
}
