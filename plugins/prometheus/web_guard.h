// What `prometheus { tls FILE }` puts before the metrics.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/guard.h"
#include "net/clock.h"
#include "net/file_stamp.h"
#include "net/log.h"
#include "plugins/prometheus/web_config.h"

namespace fairlead::plugins::prometheus {

/// So many requests at once, and one more in each interval.
class TokenBucket {
 public:
  TokenBucket(std::chrono::nanoseconds interval, int64_t burst, net::Clock::time_point now)
      : interval_(interval), burst_(burst), tokens_(static_cast<double>(burst)), at_(now) {}

  bool take(net::Clock::time_point now);

 private:
  std::chrono::nanoseconds interval_;
  int64_t burst_;
  double tokens_;
  net::Clock::time_point at_;
};

/// Looks at the file and at those that it names, by device, inode, size and times through symbolic
/// links. One for all directives that name the file, kept over reloads; used by the control thread.
class WebGuard : public http::Guard {
 public:
  /// `log` must outlive it.
  WebGuard(std::string path, net::LogSink& log) : path_(std::move(path)), log_(log) {}

  /// A file that has become wrong is an error in the log, once.
  std::string refresh() override;
  [[nodiscard]] std::shared_ptr<const http::Rules> rules() const override { return rules_; }
  bool admit() override;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  using Stamps = std::vector<std::optional<net::FileStamp>>;
  static Stamps stamps_of(const std::vector<std::string>& files);
  void take(WebConfig config);

  const std::string path_;
  net::LogSink& log_;
  std::shared_ptr<const http::Rules> rules_;
  std::vector<std::string> files_;
  Stamps stamps_;
  std::string error_;  // of what was read last
  std::chrono::nanoseconds interval_{};
  int64_t burst_ = 0;
  std::unique_ptr<TokenBucket> bucket_;
};

}  // namespace fairlead::plugins::prometheus
