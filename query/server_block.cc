#include "query/server_block.h"

#include <chrono>

#include "plugins/whoami/whoami.h"

namespace fairlead::query {
namespace {

constexpr std::string_view kLooping =
    "plugin/loop: what is forwarded comes back to this server: not forwarded";

net::LogLevel log_level(plugins::errors::Level level) {
  switch (level) {
    case plugins::errors::Level::Warning:
      return net::LogLevel::Warning;
    case plugins::errors::Level::Info:
      return net::LogLevel::Info;
    case plugins::errors::Level::Debug:
      return net::LogLevel::Debug;
    case plugins::errors::Level::Error:
      break;
  }
  return net::LogLevel::Error;
}

}  // namespace

ServerBlock::ServerBlock(const server::BlockConfig& config, BlockResources resources)
    : resources_(std::move(resources)),
      whoami_(config.whoami),
      handles_queries_(config.handles_queries),
      unanswered_("plugin/" + config.last_handler + ": no next plugin found"),
      bufsize_(config.bufsize),
      loadbalance_(config.loadbalance),
      consolidates_errors_(config.errors && !config.errors->consolidate.empty()) {
  if (config.hosts && resources_.hosts_file) hosts_.emplace(*config.hosts);
  if (config.kubernetes) cluster_ = config.kubernetes->zone;
  if (config.log) log_.emplace(*config.log);
  if (config.errors) errors_ = std::make_unique<plugins::errors::Consolidation>(*config.errors);
}

std::optional<size_t> ServerBlock::next_line(const dns::Query& query, size_t from) const {
  for (size_t i = from; i < resources_.forwards.size(); ++i) {
    if (resources_.forwards[i].takes(query)) return i;
  }
  return std::nullopt;
}

void ServerBlock::report_error(const dns::Query& query, dns::Rcode rcode, std::string_view text,
                               net::LogSink& log) const {
  if (!errors_) return;
  const auto line = errors_->report(query, rcode, text, std::chrono::steady_clock::now());
  if (line) log.write(log_level(line->level), "errors", line->text);
}

void ServerBlock::tell_summaries(net::LogSink& log, bool last) const {
  if (!errors_) return;
  const auto lines = last ? errors_->finish() : errors_->due(std::chrono::steady_clock::now());
  for (const auto& line : lines) log.write(log_level(line.level), "errors", line.text);
}

BlockAnswer ServerBlock::answer(const dns::Query& query, const net::Peers& peers,
                                const LiveData& data, dns::Answer& answer) const {
  if (hosts_ && data.hosts[*resources_.hosts_file]) {
    using plugins::hosts::Outcome;
    switch (plugins::hosts::answer(*hosts_, *data.hosts[*resources_.hosts_file], query, answer)) {
      case Outcome::Answered:
        return {metrics::AnsweredBy::Hosts};
      case Outcome::ServFail:
        answer.rcode = dns::Rcode::ServFail;
        return {};
      case Outcome::PassOn:
        break;
    }
  }
  if (cluster_) {
    const zones::Response response =
        zones::respond(*cluster_, *data.snapshots[resources_.source], query, answer);
    if (response.outcome == zones::Outcome::Answered) return {metrics::AnsweredBy::Kubernetes};
    if (response.outcome == zones::Outcome::Chase)
      return {metrics::AnsweredBy::Kubernetes, response.target};
  }
  if (const auto line = next_line(query, 0)) return from_upstreams(query, *line, answer);
  if (whoami_) {
    plugins::whoami::answer(query, peers.client.address, peers.client.port, answer);
    return {metrics::AnsweredBy::Whoami};
  }
  // A block without any handler refuses; a chain that ran out of directives is a failure of the
  // configuration.
  answer.rcode = handles_queries_ ? dns::Rcode::ServFail : dns::Rcode::Refused;
  return {.error = handles_queries_ ? std::string_view(unanswered_) : std::string_view()};
}

// While queries come back to this server, none is sent round again, but for the probe that finds
// out when that has ended.
BlockAnswer ServerBlock::from_upstreams(const dns::Query& query, size_t line,
                                        dns::Answer& answer) const {
  using plugins::loop::Sighting;
  Sighting sighting = Sighting::None;
  if (resources_.loop) {
    sighting = resources_.loop->seen(query, std::chrono::steady_clock::now());
    if (resources_.loop->is_looping() && sighting != Sighting::Probe) {
      answer.rcode = dns::Rcode::Refused;
      return {.error = kLooping, .loop_probe = sighting};
    }
  }
  return {.plugin = metrics::AnsweredBy::Forward, .forward = line, .loop_probe = sighting};
}

}  // namespace fairlead::query
