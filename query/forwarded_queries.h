// The queries of one worker that wait for upstreams: a bounded table, one upstream query for
// identical questions, the cache filled, stale answers when upstreams fail.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer.h"
#include "forward/forwarder.h"
#include "net/asio.h"
#include "query/forwarded_query.h"

namespace fairlead::query {

/// Who writes the replies.
class LateReplier {
 public:
  /// The end of `query`: `answer` (which may be changed) is what the question upstream got, `error`
  /// the text for the log when nobody answered. `query.late` is set.
  virtual void reply_late(ForwardedQuery& query, dns::Answer& answer, std::string_view error) = 0;

 protected:
  ~LateReplier() = default;
};

/// Used by its worker's thread only, but for `context`, to which other workers post.
class ForwardedQueries {
 public:
  /// Slots of one worker: some 1.5 kB each once used.
  static constexpr size_t kMost = 8192;

  /// `worker` is the worker's number.
  ForwardedQueries(asio::io_context& context, size_t worker, LateReplier& replier);

  /// An unused slot; null when all are in use.
  ForwardedQuery* take();

  /// Gives a slot back that has not been started.
  void put_back(ForwardedQuery& query);

  enum class Started : uint8_t {
    Waits,  // the outcome will come
    Full,   // too many wait for that very question; the slot is the caller's again
    Known,  // another worker has put the answer into the cache meanwhile; likewise
  };

  /// Asks the upstreams of query.block's line query.line, unless somebody asks the same already.
  /// `seen`: what InFlight::finished() of that line said before the cache was looked into.
  Started start(ForwardedQuery& query, uint64_t seen);

  /// Answers `query` with what the cache still has, should upstreams take longer than `after`.
  void serve_stale_after(ForwardedQuery& query, std::chrono::nanoseconds after);

  [[nodiscard]] size_t waiting() const { return slots_.size() - free_.size(); }

 private:
  friend struct ForwardedQuery;
  struct SharedOutcome;

  [[nodiscard]] bool is_known(ForwardedQuery& query, const plugins::forward::ForwardLine& line);
  void on_outcome(ForwardedQuery& query, const forward::Outcome& outcome);
  void tell(forward::InFlight::Waiter* waiter, const forward::Outcome& outcome);
  void conclude(ForwardedQuery& query, const forward::Outcome& outcome);
  [[nodiscard]] bool pass_on(ForwardedQuery& query, const forward::Outcome& outcome);
  static void conclude_elsewhere(ForwardedQuery& query,
                                 const std::shared_ptr<SharedOutcome>& outcome);
  void keep(ForwardedQuery& query, dns::Answer& answer);
  [[nodiscard]] bool make_stale_answer(ForwardedQuery& query);
  void reply(ForwardedQuery& query, dns::Answer& answer, std::string_view error);
  void release(ForwardedQuery& query);
  void watch_stale();
  void serve_overdue();

  asio::io_context& context_;
  LateReplier& replier_;
  forward::Forwarder forwarder_;
  std::deque<ForwardedQuery> slots_;
  std::vector<ForwardedQuery*> free_;
  dns::Answer answer_;  // scratch: a reply that may be changed
  ForwardedQuery::Deadlines deadlines_;
  asio::steady_timer stale_timer_;
};

}  // namespace fairlead::query
