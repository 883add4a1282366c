#include "plugins/prometheus/web_guard.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fairlead::plugins::prometheus {
bool TokenBucket::take(net::Clock::time_point now) {
  const double passed = std::chrono::duration<double, std::nano>(now - at_).count();
  at_ = now;
  tokens_ = std::min(static_cast<double>(burst_),
                     tokens_ + passed / static_cast<double>(interval_.count()));
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

WebGuard::Stamps WebGuard::stamps_of(const std::vector<std::string>& files) {
  Stamps stamps;
  stamps.reserve(files.size());
  for (const std::string& file : files) stamps.push_back(net::FileStamp::of(file));
  return stamps;
}

std::string WebGuard::refresh() {
  Stamps stamps = stamps_of(files_);
  if (!files_.empty() && stamps == stamps_) return rules_ ? std::string() : error_;
  WebConfig config;
  std::string error;
  try {
    read_web_config(path_, config);
  } catch (const std::runtime_error& wrong) {
    error = wrong.what();
  }
  // Of before it was read: what changes meanwhile is read again. Files that were not known then
  // have no stamp that holds, and are read twice.
  const std::vector<std::string> known = std::exchange(files_, config.files);
  stamps_ = known == files_ ? std::move(stamps) : Stamps();
  const bool is_new = error != error_;
  error_ = error;
  if (error.empty()) {
    take(std::move(config));
  } else if (rules_ && is_new) {
    log_.error("Invalid TLS config: " + error + "; metrics are served as before");
  }
  return rules_ ? std::string() : error_;
}

void WebGuard::take(WebConfig config) {
  if (config.interval != interval_ || config.burst != burst_ || !bucket_) {
    interval_ = config.interval;
    burst_ = config.burst;
    bucket_.reset();
    if (config.is_limited())
      bucket_ = std::make_unique<TokenBucket>(interval_, burst_, net::Clock::now());
  }
  rules_ = std::make_shared<const http::Rules>(std::move(config.rules));
}

bool WebGuard::admit() {
  return !bucket_ || bucket_->take(net::Clock::now());
}

}  // namespace fairlead::plugins::prometheus
