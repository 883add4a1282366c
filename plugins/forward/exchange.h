// Questions of one worker that upstreams are asked: one for all who ask the same, its answer kept
// before anybody learns it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "dns/answer.h"
#include "dns/query.h"
#include "forward/forwarder.h"
#include "forward/in_flight.h"
#include "net/asio.h"
#include "plugins/forward/forward_line.h"
#include "query/walk.h"

namespace fairlead::plugins::forward {

class Exchanges;

/// One question, from when it is asked until it has ended. The walk that waits for it may go
/// before. Touched by its worker's thread only, but for `entry` and `waiter`, which belong to the
/// InFlight table while it is asked.
struct Exchange final : fairlead::forward::Asker, query::Awaited {
  explicit Exchange(Exchanges& owner) : table(owner) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void on_outcome(const fairlead::forward::Outcome& outcome) override;
  [[nodiscard]] const fairlead::forward::Tap* tap() const override { return lines->tap.get(); }
  void leave(query::Walk&) noexcept override { walk = nullptr; }

  Exchanges& table;
  query::Walk* walk = nullptr;  // null when it waits no longer
  std::shared_ptr<const Lines> lines;
  size_t number = 0;    // of the line that is asked
  bool alone = false;   // neither kept nor shared with others who ask the same
  dns::Name qname;      // what question.qname views
  dns::Query question;  // its options are those of entry.key
  fairlead::forward::InFlight::Entry entry;
  fairlead::forward::InFlight::Waiter waiter;
};

/// Used by its worker's thread only, but for `context`, to which other workers post.
class Exchanges {
 public:
  /// Exchanges of one worker at once.
  static constexpr size_t kMost = 8192;

  /// `worker` is the worker's number.
  Exchanges(asio::io_context& context, size_t worker)
      : context_(context), forwarder_(context, worker) {}

  /// Asks the upstreams of line `number` what `walk` asks, unless somebody asks the same already.
  query::Turn begin(query::Walk& walk, const std::shared_ptr<const Lines>& lines, size_t number);

 private:
  friend struct Exchange;
  struct SharedOutcome;
  enum class Started : uint8_t {
    Waits,  // the outcome will come
    Full,   // too many wait for that very question
    Known,  // another worker has stored the answer meanwhile: it is the walk's
  };

  Exchange* take();
  void release(Exchange& exchange);
  Started start(Exchange& exchange);
  Started ask(Exchange& exchange, const ForwardLine& line);
  [[nodiscard]] bool is_known(Exchange& exchange, const ForwardLine& line);
  void on_outcome(Exchange& exchange, const fairlead::forward::Outcome& outcome);
  static void keep_failure(const Exchange& exchange);
  void tell(fairlead::forward::InFlight::Waiter* waiter, const fairlead::forward::Outcome& outcome);
  void conclude(Exchange& exchange, const fairlead::forward::Outcome& outcome);
  static void conclude_elsewhere(Exchange& exchange, const std::shared_ptr<SharedOutcome>& outcome);

  asio::io_context& context_;
  fairlead::forward::Forwarder forwarder_;
  std::deque<Exchange> exchanges_;
  std::vector<Exchange*> free_;
};

}  // namespace fairlead::plugins::forward
