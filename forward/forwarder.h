// Asking upstreams, on one worker: sockets, connections, retries, deadlines.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "dns/answer.h"
#include "dns/response.h"
#include "dns/types.h"
#include "forward/group.h"
#include "forward/tap.h"
#include "net/asio.h"

namespace fairlead::forward {

/// How a question ended.
struct Outcome {
  enum class Status : uint8_t {
    Answered,    // `answer` is an upstream's: any rcode, TC kept when the whole was not to be had
    Failed,      // no upstream answered in time: SERVFAIL to the client
    Overloaded,  // max_concurrent or the worker's table is full: REFUSED to the client
  };
  Status status = Status::Failed;
  dns::Answer* answer = nullptr;  // set when Answered; valid during the call; may be changed
  std::string_view error;         // otherwise: the text for the log, in CoreDNS's words
  std::string_view upstream{};    // who answered, else who was asked last: lives as the group does
};

/// Who asked. Told exactly once, on the worker's thread, never from within ask(). It must live
/// until then.
class Asker {
 public:
  virtual void on_outcome(const Outcome& outcome) = 0;

  /// Who sees the messages of its question; null: nobody. Lives until it has been told the outcome.
  [[nodiscard]] virtual const Tap* tap() const { return nullptr; }

 protected:
  ~Asker() = default;
};

/// Used by its worker's thread only, and not destroyed from within on_outcome().
class Forwarder {
 public:
  /// `worker` is this worker's number: the slot of its counters in a Group. No sockets are open
  /// yet.
  Forwarder(asio::io_context& context, size_t worker);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  /// Asks the upstreams of `group` until one answers or the deadline of 5 s has passed. `question`
  /// is copied. `client` is the transport the client used (kept unless force_tcp or prefer_udp);
  /// `client_size` the largest reply it takes: a truncated reply is asked again over TCP when the
  /// client can have more than came.
  void ask(const std::shared_ptr<Group>& group, const dns::Question& question,
           dns::Transport client, size_t client_size, Asker& asker);

  /// Questions that have not ended.
  [[nodiscard]] size_t in_flight() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::forward
