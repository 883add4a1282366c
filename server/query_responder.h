// From request to reply, on one worker: parse, route, answer, render, count, log.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/query.h"
#include "plugins/loadbalance/shuffle.h"
#include "server/log.h"
#include "server/metrics.h"
#include "server/responder.h"
#include "server/routing.h"

namespace fairlead::server {

/// Used by its worker's thread; the set_… functions too (posted there), or before the worker runs.
class QueryResponder final : public Responder {
 public:
  /// `packets` and `log` must outlive it.
  QueryResponder(PacketCounters& packets, LogSink& log);

  size_t respond(const Request& request, std::span<uint8_t> out) override;

  void set_routing(std::shared_ptr<const Routing> routing);

  /// The snapshot that blocks with this source read from now on.
  void set_snapshot(size_t source, SnapshotPtr snapshot);

 private:
  size_t reply_to(const Request& request, std::span<uint8_t> out);
  void need_sources(size_t count);
  size_t answer_query(const Request& request, std::span<uint8_t> out);
  BlockAnswer resolve(const Request& request, const dns::Query& query, const ServedZone* served,
                      dns::Answer& answer);
  void chase(const Request& request, const dns::Query& query, dns::NameRef target,
             dns::Answer& answer);
  void balance(const ServerBlock& block);
  void log_query(const ServerBlock& block, const Request& request, std::span<const uint8_t> reply,
                 uint64_t took);

  PacketCounters& packets_;
  LogSink& log_;
  std::shared_ptr<const Routing> routing_;
  std::vector<SnapshotPtr> snapshots_;  // by source
  plugins::loadbalance::Prng prng_;

  // Of the query at hand; kept for their memory.
  dns::Query query_;
  dns::Answer answer_;
  size_t chase_depth_ = 0;
  std::string line_;
};

}  // namespace fairlead::server
