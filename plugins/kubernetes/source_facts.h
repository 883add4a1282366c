// What is known of a cluster that is watched, for `fairlead status`.
#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "corefile/duration.h"
#include "net/clock.h"
#include "plugins/built.h"
#include "zones/objects.h"

namespace fairlead::plugins::kubernetes {

/// Of one source. Any thread.
class SourceFacts {
 public:
  void stored(zones::Kind kind, size_t count) {
    const std::lock_guard lock(mutex_);
    of(kind).count = count;
  }
  void heard(zones::Kind kind) {
    const std::lock_guard lock(mutex_);
    of(kind).heard = net::Clock::now();
  }

  /// A line for each kind of which something is known: "services: 120, last heard of 3s ago".
  [[nodiscard]] std::vector<StatusLine> lines() const {
    const auto now = net::Clock::now();
    std::vector<StatusLine> lines;
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < zones::kKinds; ++i) {
      const Known& known = known_[i];
      if (!known.count && !known.heard) continue;
      std::string text = zones::resource_name(static_cast<zones::Kind>(i));
      text += ": " + (known.count ? std::to_string(*known.count) : "not listed yet");
      if (known.heard) {
        text += ", last heard of " +
                corefile::format_duration(
                    std::chrono::floor<std::chrono::seconds>(now - *known.heard)) +
                " ago";
      }
      lines.push_back({"", std::move(text)});
    }
    return lines;
  }

 private:
  struct Known {
    std::optional<size_t> count;
    std::optional<net::Clock::time_point> heard;
  };
  Known& of(zones::Kind kind) { return known_[static_cast<size_t>(kind)]; }

  mutable std::mutex mutex_;
  std::array<Known, zones::kKinds> known_;
};

}  // namespace fairlead::plugins::kubernetes
