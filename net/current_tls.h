// What a listener's new connections are encrypted with, while certificates come and go.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "net/tls_context.h"

namespace fairlead::net {

/// Never empty. Any thread; a mutex is held when a connection begins. Connections keep the context
/// that they began with.
class CurrentTls {
 public:
  explicit CurrentTls(std::shared_ptr<const TlsContext> context) : context_(std::move(context)) {}

  [[nodiscard]] std::shared_ptr<const TlsContext> get() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }
  void set(std::shared_ptr<const TlsContext> context) {
    const std::lock_guard lock(mutex_);
    context_.swap(context);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsContext> context_;  // under mutex_
};

}  // namespace fairlead::net
