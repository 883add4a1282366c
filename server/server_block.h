// A server block as workers use it: the fixed order in which its directives answer.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/query.h"
#include "plugins/errors/errors.h"
#include "plugins/log/format.h"
#include "server/block_counters.h"
#include "server/config.h"
#include "server/log.h"
#include "server/responder.h"
#include "zones/respond.h"

namespace fairlead::server {

using SnapshotPtr = std::shared_ptr<const zones::Snapshot>;

/// What one block said to a question.
struct BlockAnswer {
  AnsweredBy plugin = AnsweredBy::None;
  dns::NameRef
      chase;  // set when the answer ends in a CNAME whose target must be asked of the whole server
  bool unanswered = false;  // no directive had an answer: SERVFAIL, and an error for the log
};

/// Constant after construction but for `errors`, which is thread safe: shared by all workers.
class ServerBlock {
 public:
  /// `source` says which of the worker's snapshots the kubernetes directive reads.
  ServerBlock(const BlockConfig& config, size_t source);

  /// Asks the directives in CoreDNS's order (the list in corefile/directives.h): kubernetes,
  /// forward, whoami.
  BlockAnswer answer(const dns::Query& query, const Endpoint& client,
                     std::span<const SnapshotPtr> snapshots, dns::Answer& answer) const;

  [[nodiscard]] const std::optional<plugins::loadbalance::Options>& loadbalance() const {
    return loadbalance_;
  }
  [[nodiscard]] const plugins::log::Filter* log() const { return log_ ? &*log_ : nullptr; }

  /// Logs that nobody answered `query`, as the errors directive says. Any thread.
  void report_unanswered(const dns::Query& query, dns::Rcode rcode, LogSink& log) const;

  /// Some errors are counted and told once per period.
  [[nodiscard]] bool consolidates_errors() const { return consolidates_errors_; }

  /// Logs the summaries of the periods that have ended; of all when this is the `last` time. Any
  /// thread.
  void tell_summaries(LogSink& log, bool last) const;

 private:
  [[nodiscard]] bool forwards(const dns::Query& query) const;

  std::optional<zones::ClusterZone> cluster_;
  size_t source_;
  std::vector<ForwardConfig> forwards_;
  bool whoami_;
  bool handles_queries_;
  std::string last_handler_;
  std::optional<plugins::loadbalance::Options> loadbalance_;
  std::optional<plugins::log::Filter> log_;
  std::unique_ptr<plugins::errors::Consolidation> errors_;
  bool consolidates_errors_;
};

}  // namespace fairlead::server
