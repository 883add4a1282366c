// Requests to one API server on behalf of all kinds: credentials that are read again, the
// client-side limits, what every request carries, and the count of what came of it. No Kubernetes
// object is known here.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "k8s-watch/exec_login.h"
#include "k8s-watch/transport.h"
#include "k8s-watch/watch.h"
#include "net/asio.h"

namespace fairlead::k8s_watch {

/// A token bucket: `qps` requests a second, `burst` at once; no limit when qps is 0.
class RateLimit {
 public:
  RateLimit(float qps, int burst);
  /// Takes a place and says how long to wait for it.
  Clock::duration reserve(Clock::time_point now);

 private:
  const double qps_;
  const double burst_;
  double tokens_;
  Clock::time_point last_;
};

/// Where the access data come from; called again when they may have changed. May throw
/// std::runtime_error.
using AccessSource = std::function<ApiAccess()>;

/// Owned and used by the thread that runs `io`.
class ApiClient {
 public:
  /// Throws std::runtime_error when the access data cannot be used.
  ApiClient(asio::io_context& io, const ApiOptions& options, AccessSource source,
            Observer& observer);
  ~ApiClient();

  /// Begins a GET, as soon as the limits allow and credentials are there. The same rules as
  /// Transport::send. User-Agent, Accept and the credentials are added here. Must not be used after
  /// the client.
  std::unique_ptr<Exchange> get(HttpRequest request, HttpSink& sink);

  /// The last request was refused for its credentials: read them again before the next.
  void renew_credentials();

 private:
  class Ticket;

  void begin(Ticket& ticket);
  void admit_next();
  void log_in(Ticket& ticket);
  void logged_in(std::string trouble);
  std::string show_certificate();
  void run_login();
  void refresh_access();
  void say_once(const std::string& trouble);
  std::string authorization();
  void read_token_file();

  asio::io_context& io_;
  const AccessSource source_;
  Observer& observer_;
  const size_t max_inflight_;
  RateLimit rate_;

  ApiAccess access_;
  std::unique_ptr<Transport> transport_;
  std::string host_;  // for metrics
  std::string token_;
  std::optional<Clock::time_point> token_read_at_;
  std::string last_trouble_;  // said once
  ExecLogin login_;           // where access_ names a program

  size_t inflight_ = 0;           // tickets begun whose response has not
  std::deque<Ticket*> waiting_;   // for a place among them; at most one per kind
  std::deque<Ticket*> entering_;  // have a place, wait for the program
};

}  // namespace fairlead::k8s_watch
