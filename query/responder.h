// From request to reply, on one worker: parse, route, walk the block's chain, render, let the
// observers see it. Late replies take the same way.
#pragma once

#include <memory>
#include <vector>

#include "dns/answer.h"
#include "dns/query.h"
#include "metrics/packet_counters.h"
#include "net/responder.h"
#include "query/live_board.h"
#include "query/lookahead.h"
#include "query/routing.h"
#include "query/waiting.h"
#include "query/walk.h"
#include "query/worker_view.h"

namespace fairlead::query {

/// Used by its worker's thread; the set_… functions too (posted there), or before the worker runs.
class Responder final : public net::Responder, private WalkOwner {
 public:
  /// `board`, `packets` and `context`, the worker's event loop, must outlive it. `worker` is the
  /// worker's number.
  Responder(asio::io_context& context, size_t worker, const LiveBoard& board,
            metrics::PacketCounters& packets);

  void look_ahead(std::span<const net::Request> requests) override;
  size_t respond(const net::Request& request, std::span<uint8_t> out) override;
  [[nodiscard]] size_t replies_to_follow() const override { return waiting_.waiting(); }
  void note_failure() override { packets_.panics.add(); }

  void set_routing(std::shared_ptr<const Routing> routing) { routing_ = std::move(routing); }

  /// Takes over what is new on the board. Answers do so by themselves; this lets go of what is old
  /// when nobody asks.
  void take_live() { board_.read(worker_.live()); }

 private:
  class Sending;

  size_t reply_to(const net::Request& request, std::span<uint8_t> out);
  size_t answer_signed(const net::Request& request, dns::Rcode rcode, std::span<uint8_t> out);
  size_t answer(const net::Request& request, const ServedZone* served, std::span<uint8_t> out);
  size_t refuse(const net::Request& request, std::span<uint8_t> out);
  size_t notified(const net::Request& request, const ServedZone* served, std::span<uint8_t> out);
  size_t finish(Walk& walk, Turn turn, std::span<uint8_t> out);
  void report(const Walk& walk, Reply& reply);
  void send_many(Walk& walk);
  template <typename Run>
  void go_on(Walk& walk, Run run);
  void send_late(Walk& walk, Turn turn);
  Walk& current();

  void resume(Walk& walk, Turn turn) override;
  void ask_again(Walk& walk) override;
  [[nodiscard]] bool has_room() const override { return waiting_.has_room(); }

  const LiveBoard& board_;
  metrics::PacketCounters& packets_;
  std::shared_ptr<const Routing> routing_;
  WorkerView worker_;

  // Of the query at hand; kept for their memory.
  dns::Query* query_ = &own_query_;  // there or in lookahead_
  dns::Query own_query_;
  const zones::Lookahead* ahead_ = nullptr;  // of lookahead_, or null
  dns::Answer refusal_;
  std::vector<uint8_t> sealing_;
  uint64_t since_ = 0;  // when the last reply to queries read together was done; 0: to be looked at
  QueryLookahead lookahead_;
  std::vector<uint8_t> late_out_;
  WaitingWalks waiting_;
  Walk* current_ = nullptr;
  // For replies that connections send on after this is gone.
  const std::shared_ptr<Responder*> self_ = std::make_shared<Responder*>(this);
};

}  // namespace fairlead::query
