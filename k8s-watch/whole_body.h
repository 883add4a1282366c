// One response, kept until its end or a bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "k8s-watch/transport.h"
#include "net/asio.h"

namespace fairlead::k8s_watch {

/// Stops `io`, which runs for nothing else, at the end of the response or when its body has more
/// than kMost octets; `error` is `too_large` then.
class WholeBody final : public HttpSink {
 public:
  static constexpr size_t kMost = 16U << 20U;

  WholeBody(asio::io_context& io, std::string too_large)
      : io_(io), too_large_(std::move(too_large)) {}

  void on_head(const HttpHead& head) override { status = head.status; }
  void on_body(std::string_view octets) override {
    if (text.size() + octets.size() <= kMost) return static_cast<void>(text.append(octets));
    error = too_large_;
    io_.stop();
  }
  void on_end(const std::string& what) override {
    error = what;
    ended = true;
    io_.stop();
  }

  int status = 0;
  bool ended = false;
  std::string text, error;

 private:
  asio::io_context& io_;
  const std::string too_large_;
};

}  // namespace fairlead::k8s_watch
