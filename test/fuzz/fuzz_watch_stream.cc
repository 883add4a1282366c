// A watch stream in either encoding and a list, in pieces: the same must come out as from the
// whole. Octet 0 chooses the kind, octet 1 the size of the pieces.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "k8s-watch/decode.h"

namespace {

using fairlead::k8s_watch::Event;
using fairlead::k8s_watch::ListDecoder;
using fairlead::k8s_watch::ProtobufWatchDecoder;
using fairlead::k8s_watch::Skip;
using fairlead::k8s_watch::WatchDecoder;
using fairlead::zones::Kind;

struct Trace final : fairlead::k8s_watch::DecodeSink {
  void event(Event&& event) override {
    text += static_cast<char>('0' + static_cast<int>(event.type));
    text += event.key.namespace_name + '/' + event.key.name + '@' + event.resource_version + '\n';
  }
  void skipped(Skip&& skip) override { text += '!' + skip.reason + ' ' + skip.detail + '\n'; }

  std::string text;
};

template <typename Decoder>
std::string decode(Kind kind, std::string_view bytes, size_t piece) {
  Trace trace;
  Decoder decoder(kind, {.outside = true, .zones = true, .imports = true});
  bool good = true;
  for (size_t at = 0; good && at < bytes.size(); at += piece)
    good = decoder.feed(bytes.substr(at, piece), trace);
  if constexpr (std::is_same_v<Decoder, ListDecoder>) good = good && decoder.finish();
  return trace.text + (good ? "good" : "broken");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto kind = static_cast<Kind>(data[0] % fairlead::zones::kKinds);
  const size_t piece = 1 + data[1];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (decode<WatchDecoder>(kind, bytes, piece) != decode<WatchDecoder>(kind, bytes, size))
    std::abort();
  if (decode<ProtobufWatchDecoder>(kind, bytes, piece) !=
      decode<ProtobufWatchDecoder>(kind, bytes, size))
    std::abort();
  const std::string whole = decode<ListDecoder>(kind, bytes, size);
  const std::string pieces = decode<ListDecoder>(kind, bytes, piece);
  // After an error a whole body may have said more than its pieces.
  if (whole.ends_with("good") != pieces.ends_with("good")) std::abort();
  if (whole.ends_with("good") && whole != pieces) std::abort();
  return 0;
}
