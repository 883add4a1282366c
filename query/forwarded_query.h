// A query whose answer has to come from an upstream: everything that must outlive the packet.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "forward/forwarder.h"
#include "forward/in_flight.h"
#include "net/responder.h"
#include "query/routing.h"

namespace fairlead::query {

class ForwardedQueries;

/// One slot of a worker's table, used again and again. Touched by that worker's thread only, but
/// for `entry` and `waiter`, which belong to the InFlight table while it is asked.
struct ForwardedQuery final : forward::Asker {
  using Deadlines = std::multimap<uint64_t, ForwardedQuery*>;

  explicit ForwardedQuery(ForwardedQueries& owner) : table(owner) {}
  ForwardedQuery(const ForwardedQuery&) = delete;
  ForwardedQuery& operator=(const ForwardedQuery&) = delete;

  /// Copies `query`, its name included.
  void set_query(const dns::Query& asked);

  /// Asks for `name` upstream instead of the query's own; `so_far` holds the records that lead
  /// there.
  void set_chase(const dns::Query& next, const dns::Answer& chain);

  void on_outcome(const forward::Outcome& outcome) override;

  /// What is asked upstream.
  [[nodiscard]] const dns::Query& question() const { return chased ? step : query; }

  ForwardedQueries& table;

  // The client. `late` is null when nobody waits: a refresh, or a stale answer was given.
  std::shared_ptr<net::LateReplies> late;
  net::Peers peers;
  dns::Name qname;  // what query.qname views
  dns::Query query;
  uint64_t start = 0;                       // nanoseconds; 0 when nobody measures
  std::shared_ptr<const Routing> routing;   // keeps `served`
  const ServedZone* served = nullptr;       // whose counters and log the reply goes to
  metrics::CacheCounters* cache = nullptr;  // null without `cache` or `prometheus`

  // The end of a chain that began with an ExternalName.
  bool chased = false;
  dns::Name step_name;
  dns::Query step;
  dns::Answer so_far;

  // Who is asked.
  std::shared_ptr<const ServerBlock> block;
  size_t line = 0;     // of the block's forward lines
  bool alone = false;  // neither kept nor shared with others who ask the same
  forward::InFlight::Entry entry;
  forward::InFlight::Waiter waiter;
  std::optional<Deadlines::iterator> stale_at;  // then a stale answer goes out
};

}  // namespace fairlead::query
