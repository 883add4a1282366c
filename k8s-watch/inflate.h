// Content-Encoding gzip (RFC 1952), unpacked as it arrives.
#pragma once

#include <zlib.h>

#include <functional>
#include <string_view>

namespace fairlead::k8s_watch {

/// One response body. Memory is bounded: what comes out is handed on in pieces of at most 64 KiB.
class Inflater {
 public:
  /// Takes a piece of the unpacked body; returns false to stop.
  using Output = std::function<bool(std::string_view)>;

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// False when the octets are not gzip; nothing more may be fed then. True when `output` stopped
  /// it.
  bool feed(std::string_view octets, const Output& output);

  /// The end of the packed body was seen.
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  z_stream stream_{};
  bool usable_ = false;
  bool complete_ = false;
};

}  // namespace fairlead::k8s_watch
