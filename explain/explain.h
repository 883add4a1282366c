// Which block, directive and object answer a question, and which label of a name leads nowhere: the
// text of `fairlead explain`. Nothing that serves queries uses it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dns/address.h"
#include "dns/query.h"
#include "explain/explain_lines.h"
#include "explain/narrator.h"
#include "metrics/metrics.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/building.h"
#include "plugins/config.h"
#include "plugins/readiness.h"
#include "query/live_board.h"
#include "query/routing.h"

namespace fairlead::explain {

struct ExplainQuestion {
  std::string text;  // the name as it was typed
  dns::Name name;
  dns::RrType type = dns::RrType::A;
  dns::IpAddress client =
      dns::IpAddress(std::array<uint8_t, 4>{127, 0, 0, 1});  // who asks, for views
};

/// What one server block says.
struct Explanation {
  std::string text;
  bool upstream = false;  // the answer, or its end, is an upstream's to give
  bool answered = false;  // NOERROR, and records beside the authority section
  dns::Rcode rcode = dns::Rcode::NoError;
  std::vector<std::string> records;  // of the answer section
};

/// Used by one thread. The blocks are built as the server builds them, by directives that know that
/// they are explained; a cluster is read when an answer depends on it.
class Explainer {
 public:
  /// Throws what directives throw when they are built.
  Explainer(plugins::Config config, plugins::Explaining explaining);

  /// One for each server block that the question reaches, as it depends on the address that is
  /// asked, those at `port` first; one that says so when there is none. `server`: only what listens
  /// there, if anything does. Throws std::runtime_error when a cluster cannot be read.
  std::vector<Explanation> explain(const ExplainQuestion& question, uint16_t port,
                                   const std::optional<net::Endpoint>& server);

 private:
  using Addresses = std::vector<net::ListenAddress>;

  void build_blocks();
  [[nodiscard]] Addresses addresses(uint16_t port,
                                    const std::optional<net::Endpoint>& server) const;
  void tell_views(const query::Asked& asked, const query::ServedZone* served,
                  ExplainLines& lines) const;
  Explanation explain_at(uint32_t listener, const ExplainQuestion& question,
                         const Addresses& also_at);
  [[nodiscard]] std::string block_text(const query::ServedZone& served, const Addresses& at) const;
  [[nodiscard]] const std::string& place_of(const query::ServedZone& served) const;
  [[nodiscard]] uint32_t listener_at(const net::ListenAddress& address) const;

  const plugins::Config config_;
  const plugins::Explaining explaining_;
  Addresses listen_;  // listener i is listen_[i]

  // What directives are built with; nothing of it runs.
  asio::io_context control_;
  net::LogSink log_{2};
  metrics::Metrics metrics_{1, ""};
  query::LiveBoard board_;
  plugins::Readiness readiness_;
  plugins::Kept kept_;
  plugins::Site site_;

  std::vector<std::shared_ptr<const query::Block>> blocks_;
  query::Narrator::Places places_;
  query::Routing routing_;
  const query::Live live_{};  // nothing is published
};

}  // namespace fairlead::explain
