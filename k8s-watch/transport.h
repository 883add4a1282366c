// The seam to the HTTP library: requests to one API server, whose responses are streams. Two
// implementations of make_transport(), of which one is linked: transport_beast.cc (the default) and
// transport_cpprest.cc (-DFAIRLEAD_API_TRANSPORT=cpprest). What both promise is tested by
// test/unit/k8s-watch/transport_test.cc.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-watch/kubeconfig.h"

namespace boost::asio {
class io_context;
}

namespace fairlead::k8s_watch {

/// What times of requests and retries are told in.
using Clock = std::chrono::steady_clock;

struct HttpRequest {
  std::string target;  // path and query, percent-encoded; the path of the server's URL is put in
                       // front of it
  std::vector<std::pair<std::string, std::string>> headers;  // besides Host
  std::string body;  // JSON to be posted, of a request that may be made twice; empty: a GET
  std::chrono::milliseconds head_timeout{
      30'000};  // from the request to the end of the response's head
  std::chrono::milliseconds idle_timeout{45'000};  // without any octet of the body
};

struct HttpHead {
  int status = 0;
  std::string retry_after, content_type;  // the headers' values, empty when absent
};

/// Where a response goes. Called on the io thread: on_head once, on_body any number of times,
/// on_end last, also when there was no head. Destroying the Exchange within a call is allowed.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  virtual void on_head(const HttpHead& head) = 0;
  /// Up to 64 KiB, unpacked when the server sent it with Content-Encoding gzip. The view is valid
  /// during the call. The next octets are read only after it returned.
  virtual void on_body(std::string_view octets) = 0;
  /// `error` is empty when the response was complete, else one line that says what happened.
  virtual void on_end(const std::string& error) = 0;
};

/// One request under way. Destroying it cancels the request; its sink is not called again.
class Exchange {
 public:
  virtual ~Exchange() = default;
};

/// Owned and used by the thread that runs the io_context. May be destroyed before its exchanges.
class Transport {
 public:
  virtual ~Transport() = default;
  /// Begins a request. `sink` must outlive the exchange; it is never called from within send().
  virtual std::unique_ptr<Exchange> send(HttpRequest request, HttpSink& sink) = 0;
};

/// Trusts only the CA of `access` (the system's when it names none), speaks TLS 1.2 or newer,
/// proves the server's name or address, and follows no redirect or proxy. Throws std::runtime_error
/// when `access` cannot be used: bad URL, certificate or key.
std::unique_ptr<Transport> make_transport(boost::asio::io_context& io, const ApiAccess& access);

}  // namespace fairlead::k8s_watch
