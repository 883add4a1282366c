// Why a cluster cannot be read, for whoever looks at /ready.
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "dns/printable.h"
#include "zones/objects.h"

namespace fairlead::plugins::kubernetes {

/// Of one source. Any thread.
class SourceTroubles {
 public:
  /// An empty `text`: the kind can be read again. What an API server says is cut to one line of
  /// kMaxText octets.
  void set(zones::Kind kind, std::string_view text) {
    std::string line = dns::one_line(text.substr(0, kMaxText));
    if (text.size() > kMaxText) line += "...";
    const std::lock_guard lock(mutex_);
    texts_[static_cast<size_t>(kind)] = std::move(line);
  }

  /// "\nkubernetes: TEXT" for each kind that cannot be read.
  [[nodiscard]] std::string lines() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const std::string& text : texts_) {
      if (!text.empty()) all += "\nkubernetes: " + text;
    }
    return all;
  }

  static constexpr size_t kMaxText = 512;

 private:
  mutable std::mutex mutex_;
  std::array<std::string, zones::kKinds> texts_;
};

}  // namespace fairlead::plugins::kubernetes
