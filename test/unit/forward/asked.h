// Asks a Forwarder whose event loop the test runs.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "forward/forwarder.h"
#include "test/unit/forward/scripted_upstream.h"

namespace fairlead::forward {

/// What an asker was told.
struct Told final : Asker {
  void on_outcome(const Outcome& outcome) override {
    ++times;
    status = outcome.status;
    error = outcome.error;
    took = std::chrono::steady_clock::now() - asked;
    if (outcome.answer == nullptr) return;
    rcode = outcome.answer->rcode;
    truncated = outcome.answer->truncated;
    for (const dns::Record& r : outcome.answer->records()) {
      if (r.rdata_size == 4) tags.push_back(outcome.answer->rdata(r)[3]);
    }
  }

  size_t times = 0;
  Outcome::Status status = Outcome::Status::Failed;
  std::string error;
  dns::Rcode rcode = dns::Rcode::NoError;
  bool truncated = false;
  std::vector<int> tags;
  std::chrono::steady_clock::time_point asked = std::chrono::steady_clock::now();
  std::chrono::steady_clock::duration took{};
};

inline Settings settings_for(std::initializer_list<const ScriptedUpstream*> upstreams) {
  Settings settings;
  for (const auto* upstream : upstreams) settings.upstreams.push_back(upstream->settings());
  return settings;
}

/// One worker.
class Worker {
 public:
  explicit Worker(Settings settings) : group(make_group(std::move(settings), 1)) {}

  using Ask = dns::Transport;

  void ask(Told& told, const std::string& name = "www.example.", Ask client = Ask::Udp,
           size_t client_size = 1232) {
    const dns::Name qname = *dns::Name::from_text(name);
    told.asked = std::chrono::steady_clock::now();
    forwarder->ask(group, {.qname = qname.view()}, client, client_size, told);
  }

  /// Runs the event loop until `done` says so; false when that takes more than 20 s.
  template <typename Done>
  bool run_until(const Done& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      context.restart();
      context.run_one_for(std::chrono::milliseconds(50));
    }
    return true;
  }

  /// Asks and waits.
  Told result(const std::string& name = "www.example.", Ask client = Ask::Udp,
              size_t client_size = 1232) {
    Told told;
    ask(told, name, client, client_size);
    run_until([&] { return told.times != 0; });
    return told;
  }

  [[nodiscard]] UpstreamTotals upstream(size_t i) const { return totals(*group).upstreams[i]; }

  asio::io_context context{1};
  std::shared_ptr<Group> group;
  std::unique_ptr<Forwarder> forwarder = std::make_unique<Forwarder>(context, 0);
};

}  // namespace fairlead::forward
