// Which block, directive and object answer a question, and which label of a name leads nowhere: the
// text of `fairlead explain`. Nothing that serves queries uses it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dns/query.h"
#include "explain/explain_cluster.h"
#include "explain/explain_lines.h"
#include "query/routing.h"
#include "server/config.h"

namespace fairlead::explain {

struct ExplainQuestion {
  std::string text;  // the name as it was typed
  dns::Name name;
  dns::RrType type = dns::RrType::A;
};

/// What one server block says.
struct Explanation {
  std::string text;
  bool upstream = false;  // the answer, or its end, is an upstream's to give
  bool answered = false;  // NOERROR, and records beside the authority section
  dns::Rcode rcode = dns::Rcode::NoError;
  std::vector<std::string> records;  // of the answer section
};

/// Used by one thread. Reads a cluster when an answer depends on it, each source once.
class Explainer {
 public:
  using Load = std::function<ClusterView(const k8s_watch::WatchOptions&)>;
  Explainer(server::Config config, Load load);

  /// One for each server block that the question reaches, as it depends on the address that is
  /// asked, those at `port` first; one that says so when there is none. `server`: only what listens
  /// there, if anything does. Throws what `load` throws.
  std::vector<Explanation> explain(const ExplainQuestion& question, uint16_t port,
                                   const std::optional<net::Endpoint>& server);

 private:
  struct Step;
  struct DirectiveUse {
    std::string directive;
    size_t number = 0;  // of its uses in the block
  };

  [[nodiscard]] std::vector<net::ListenAddress> addresses(
      uint16_t port, const std::optional<net::Endpoint>& server) const;
  Explanation explain_at(uint32_t listener, const ExplainQuestion& question,
                         const std::vector<net::ListenAddress>& also_at);
  bool follow(uint32_t listener, const query::BlockAnswer& said, Step& first);
  query::BlockAnswer ask(const query::ServedZone& served, Step& step);
  void tell_block(const query::ServedZone& served, const std::vector<net::ListenAddress>& at,
                  ExplainLines& lines) const;
  void tell_hosts(size_t block, Step& step);
  void tell_kubernetes(size_t block, Step& step);
  void tell_rest(size_t block, const query::BlockAnswer& said, Step& step);
  void tell_cache(size_t block, Step& step) const;
  void tell_answer(const dns::Query& query, const dns::Answer& answer, bool upstream,
                   ExplainLines& lines) const;
  void tell_hints(size_t block, const ExplainQuestion& question, const dns::Query& query,
                  ExplainLines& lines);
  const ClusterView& cluster_of(size_t block);
  [[nodiscard]] uint32_t listener_at(const net::ListenAddress& address) const;
  [[nodiscard]] size_t number_of(const query::ServerBlock* block) const;
  void tell(size_t block, const DirectiveUse& use, const std::string& text,
            ExplainLines& lines) const;

  const server::Config config_;
  const Load load_;
  std::vector<net::ListenAddress> listen_;  // listener i is listen_[i]
  std::vector<std::shared_ptr<const query::ServerBlock>> blocks_;
  query::Routing routing_;
  std::vector<zones::SnapshotPtr> snapshots_;                 // by block
  std::vector<plugins::hosts::HostsPtr> hosts_;               // by block
  std::vector<std::shared_ptr<const ClusterView>> clusters_;  // by block; null: not read yet
};

}  // namespace fairlead::explain
