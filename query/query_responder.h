// From request to reply, on one worker: parse, route, answer (here, from the cache or from
// upstreams), render, count, log.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/query.h"
#include "metrics/metrics.h"
#include "net/log.h"
#include "net/responder.h"
#include "plugins/loadbalance/shuffle.h"
#include "query/forwarded_queries.h"
#include "query/query_lookahead.h"
#include "query/routing.h"
#include "query/snapshot_board.h"

namespace fairlead::query {

/// Used by its worker's thread; the set_… functions too (posted there), or before the worker runs.
class QueryResponder final : public net::Responder, private LateReplier {
 public:
  /// `board`, `packets`, `log` and `context`, the worker's event loop, must outlive it. `worker` is
  /// the worker's number.
  QueryResponder(asio::io_context& context, size_t worker, const SnapshotBoard& board,
                 metrics::PacketCounters& packets, net::LogSink& log);

  void look_ahead(std::span<const net::Request> requests) override;
  size_t respond(const net::Request& request, std::span<uint8_t> out) override;
  [[nodiscard]] size_t replies_to_follow() const override { return forwarded_.waiting(); }
  void note_failure() override { packets_.panics.add(); }

  void set_routing(std::shared_ptr<const Routing> routing);

  /// Takes over what is new on the board. Answers do so by themselves; this lets go of old
  /// snapshots when nobody asks.
  void take_snapshots();

  /// The table that blocks with this hosts file read from now on.
  void set_hosts(size_t number, plugins::hosts::HostsPtr table);

 private:
  // One query on its way to a reply.
  struct Job {
    const net::Request& request;
    const ServedZone* served = nullptr;          // whose counters and log it goes to
    metrics::BlockCounters* counters = nullptr;  // likewise
    uint64_t start = 0;                          // nanoseconds; 0 when nobody measures
    std::span<uint8_t> out;
  };
  // A question to upstreams that the answer at hand ends in.
  struct Open {
    const dns::Query* question = nullptr;  // the query itself or what a CNAME leads to
    const ServedZone* asked = nullptr;
    size_t line = 0;
    bool alone = false;  // a loop's probe: neither cached nor shared
  };
  // How the answer at hand came to be.
  struct Resolved {
    metrics::AnsweredBy plugin = metrics::AnsweredBy::None;
    std::string_view error;
    std::optional<Open> open;
  };

  // A query and its reply, for the log.
  struct Said {
    const dns::Query& query;
    const dns::Answer& answer;
    std::span<const uint8_t> reply;
    uint64_t took = 0;  // nanoseconds
  };

  size_t reply_to(const net::Request& request, std::span<uint8_t> out);
  void need_sources(size_t count);
  [[nodiscard]] const ServedZone* served_by(const net::Request& request,
                                            const QueryLookahead::Entry* read) const;
  size_t answer_query(const net::Request& request, const ServedZone* served,
                      std::span<uint8_t> out);
  BlockAnswer ask_block(const ServedZone& served, const dns::Query& query,
                        const net::Request& request, dns::Answer& answer);
  Resolved resolve(const net::Request& request, const ServedZone* served);
  Resolved follow(const net::Request& request, const BlockAnswer& first);
  size_t ask_outside(const Job& job, Resolved& resolved);
  cache::Found from_cache(const Job& job, const Open& open, bool direct);
  std::optional<size_t> forward(const Job& job, const Open& open, const cache::Found& found,
                                uint64_t seen);
  void refresh(const Open& open);
  void add_found(const Open& open);
  size_t give_up(const Job& job, const Open& open);
  size_t finish(const Job& job, const Resolved& resolved);
  void account(const Job& job, const Resolved& resolved, dns::Rcode rcode, size_t size);
  void reply_late(ForwardedQuery& query, dns::Answer& answer, std::string_view error) override;
  void balance(const ServerBlock& block, dns::Answer& answer);
  void log_query(const ServerBlock& block, const net::Peers& peers, const Said& said);

  const SnapshotBoard& board_;
  metrics::PacketCounters& packets_;
  net::LogSink& log_;
  std::shared_ptr<const Routing> routing_;
  std::vector<zones::SnapshotPtr> snapshots_;    // by source
  uint64_t changes_seen_ = 0;                    // of the board
  std::vector<plugins::hosts::HostsPtr> hosts_;  // by number of the file
  plugins::loadbalance::Prng prng_;

  // Of the query at hand; kept for their memory.
  dns::Query* query_ = &own_query_;  // there or in lookahead_
  dns::Query own_query_;
  dns::Answer answer_;
  dns::Query next_;  // the question that a CNAME leads to
  dns::Name next_name_;
  dns::Answer found_;  // its answer
  std::string line_;

  QueryLookahead lookahead_;
  std::vector<uint8_t> late_out_;
  ForwardedQueries forwarded_;
};

}  // namespace fairlead::query
