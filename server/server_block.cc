#include "server/server_block.h"

#include <algorithm>
#include <chrono>

#include "plugins/whoami/whoami.h"

namespace fairlead::server {
namespace {

bool holds(const std::vector<dns::Name>& zones, const dns::Query& query) {
  return std::ranges::any_of(zones, [&](const dns::Name& zone) {
    return dns::is_at_or_below(query.lower_qname.view(), zone.view());
  });
}

LogLevel log_level(plugins::errors::Level level) {
  switch (level) {
    case plugins::errors::Level::Warning:
      return LogLevel::Warning;
    case plugins::errors::Level::Info:
      return LogLevel::Info;
    case plugins::errors::Level::Debug:
      return LogLevel::Debug;
    case plugins::errors::Level::Error:
      break;
  }
  return LogLevel::Error;
}

}  // namespace

ServerBlock::ServerBlock(const BlockConfig& config, size_t source)
    : source_(source),
      forwards_(config.forwards),
      whoami_(config.whoami),
      handles_queries_(config.handles_queries),
      last_handler_(config.last_handler),
      loadbalance_(config.loadbalance),
      consolidates_errors_(config.errors && !config.errors->consolidate.empty()) {
  if (config.kubernetes) cluster_ = config.kubernetes->zone;
  if (config.log) log_.emplace(*config.log);
  if (config.errors) errors_ = std::make_unique<plugins::errors::Consolidation>(*config.errors);
}

bool ServerBlock::forwards(const dns::Query& query) const {
  return std::ranges::any_of(forwards_, [&](const ForwardConfig& forward) {
    return holds(forward.from, query) && !holds(forward.except, query);
  });
}

void ServerBlock::report_unanswered(const dns::Query& query, dns::Rcode rcode, LogSink& log) const {
  if (!errors_) return;
  const std::string text = "plugin/" + last_handler_ + ": no next plugin found";
  const auto line = errors_->report(query, rcode, text, std::chrono::steady_clock::now());
  if (line) log.write(log_level(line->level), "errors", line->text);
}

void ServerBlock::tell_summaries(LogSink& log, bool last) const {
  if (!errors_) return;
  const auto lines = last ? errors_->finish() : errors_->due(std::chrono::steady_clock::now());
  for (const auto& line : lines) log.write(log_level(line.level), "errors", line.text);
}

BlockAnswer ServerBlock::answer(const dns::Query& query, const Endpoint& client,
                                std::span<const SnapshotPtr> snapshots, dns::Answer& answer) const {
  if (cluster_) {
    const zones::Response response = zones::respond(*cluster_, *snapshots[source_], query, answer);
    if (response.outcome == zones::Outcome::Answered) return {AnsweredBy::Kubernetes};
    if (response.outcome == zones::Outcome::Chase) return {AnsweredBy::Kubernetes, response.target};
  }
  if (forwards(query)) {
    answer.rcode = dns::Rcode::Refused;
    return {};
  }
  if (whoami_) {
    plugins::whoami::answer(query, client.address, client.port, answer);
    return {AnsweredBy::Whoami};
  }
  // A block without any handler refuses; a chain that ran out of directives is a failure of the
  // configuration.
  answer.rcode = handles_queries_ ? dns::Rcode::ServFail : dns::Rcode::Refused;
  return {.unanswered = handles_queries_};
}

}  // namespace fairlead::server
