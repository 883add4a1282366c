// A server block as workers use it: the fixed order in which its directives answer.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cache/cache.h"
#include "dns/answer.h"
#include "dns/query.h"
#include "metrics/block_counters.h"
#include "net/log.h"
#include "net/responder.h"
#include "plugins/errors/errors.h"
#include "plugins/forward/forward_line.h"
#include "plugins/hosts/answer.h"
#include "plugins/hosts/hosts_files.h"
#include "plugins/log/format.h"
#include "plugins/loop/loop_state.h"
#include "server/config.h"
#include "zones/lookahead.h"
#include "zones/respond.h"

namespace fairlead::query {

/// What one block said to a question.
struct BlockAnswer {
  metrics::AnsweredBy plugin = metrics::AnsweredBy::None;
  dns::NameRef
      chase;  // set when the answer ends in a CNAME whose target must be asked of the whole server
  std::optional<size_t> forward;  // the cache, then this forward line, is to be asked
  std::string_view error;         // nobody could answer: for the log
  plugins::loop::Sighting loop_probe = plugins::loop::Sighting::None;
};

/// What changes while a configuration is served, as one worker has it. A block knows its places.
struct LiveData {
  std::span<const zones::SnapshotPtr> snapshots;
  std::span<const plugins::hosts::HostsPtr> hosts;
};

/// What a block uses that lives longer than it: a reload keeps what has not changed.
struct BlockResources {
  size_t source = 0;                 // of LiveData::snapshots, for `kubernetes`
  std::optional<size_t> hosts_file;  // of LiveData::hosts, for `hosts`
  std::shared_ptr<cache::Cache> cache;
  std::vector<plugins::forward::ForwardLine> forwards;
  std::shared_ptr<plugins::loop::LoopState> loop;
};

/// Constant after construction but for what is thread safe (errors, cache, upstreams, loop): shared
/// by all workers.
class ServerBlock {
 public:
  ServerBlock(const server::BlockConfig& config, BlockResources resources);

  /// Asks the directives in CoreDNS's order (the list in corefile/directives.h), but for the cache,
  /// which stands where it is of use: hosts, kubernetes, cache and forward, whoami.
  BlockAnswer answer(const dns::Query& query, const net::Peers& peers, const LiveData& data,
                     dns::Answer& answer) const;

  /// Begins to fetch what the answer to `query` is made from.
  void look_ahead(const dns::Query& query, const LiveData& data, zones::Lookahead& walk) const {
    if (cluster_) walk.begin(*cluster_, *data.snapshots[resources_.source], query);
  }

  [[nodiscard]] std::span<const plugins::forward::ForwardLine> forward_lines() const {
    return resources_.forwards;
  }

  /// The first line from `from` on that takes the query.
  [[nodiscard]] std::optional<size_t> next_line(const dns::Query& query, size_t from) const;

  /// Null without one.
  [[nodiscard]] cache::Cache* cache() const { return resources_.cache.get(); }

  /// Null without `loop`.
  [[nodiscard]] const plugins::loop::LoopState* loop() const { return resources_.loop.get(); }

  /// The largest EDNS size that clients may have (bufsize); empty: theirs.
  [[nodiscard]] std::optional<uint16_t> bufsize() const { return bufsize_; }

  [[nodiscard]] const std::optional<plugins::loadbalance::Options>& loadbalance() const {
    return loadbalance_;
  }
  [[nodiscard]] const plugins::log::Filter* log() const { return log_ ? &*log_ : nullptr; }

  /// Logs why `query` got no answer, as the errors directive says. Any thread.
  void report_error(const dns::Query& query, dns::Rcode rcode, std::string_view text,
                    net::LogSink& log) const;

  /// Some errors are counted and told once per period.
  [[nodiscard]] bool consolidates_errors() const { return consolidates_errors_; }

  /// Logs the summaries of the periods that have ended; of all when this is the `last` time. Any
  /// thread.
  void tell_summaries(net::LogSink& log, bool last) const;

 private:
  [[nodiscard]] BlockAnswer from_upstreams(const dns::Query& query, size_t line,
                                           dns::Answer& answer) const;

  const BlockResources resources_;
  std::optional<plugins::hosts::Settings> hosts_;
  std::optional<zones::ClusterZone> cluster_;
  bool whoami_;
  bool handles_queries_;
  std::string unanswered_;  // what is logged when the directives run out
  std::optional<uint16_t> bufsize_;
  std::optional<plugins::loadbalance::Options> loadbalance_;
  std::optional<plugins::log::Filter> log_;
  std::unique_ptr<plugins::errors::Consolidation> errors_;
  bool consolidates_errors_;
};

}  // namespace fairlead::query
