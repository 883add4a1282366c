// /health: says OK as long as the process can say anything, and asks itself to see how long that
// takes.
#pragma once

#include <memory>
#include <string>

#include "http/http.h"
#include "metrics/metric_family.h"
#include "net/log.h"

namespace fairlead::plugins::health {

/// 200 OK.
http::HttpReply health_reply();

/// What the probe finds; thread safe.
struct Families {
  Families();
  metrics::ScalarFamily failures;
  metrics::HistogramFamily duration;
};

/// Asks http://ADDRESS/health once a second, 3 s at most, and puts what it took into the health
/// metrics; an answer that took more than a second, or none, is a warning. Used by the thread that
/// runs `io`.
class HealthProbe {
 public:
  /// `address` is the directive's (":8080"): an empty host is the machine itself. `log` must
  /// outlive it.
  HealthProbe(boost::asio::io_context& io, const std::string& address,
              std::shared_ptr<Families> families, net::LogSink& log);

  /// Ends the probing.
  ~HealthProbe();
  HealthProbe(const HealthProbe&) = delete;
  HealthProbe& operator=(const HealthProbe&) = delete;

  class Loop;  // shared with its pending operations

 private:
  std::shared_ptr<Loop> loop_;
};

}  // namespace fairlead::plugins::health
