#include "plugins/building.h"

#include <algorithm>
#include <utility>

namespace fairlead::plugins {

Building::Building(const Plan& plan, std::span<const Plan> earlier, Site& site, std::string hash,
                   const Explaining* explaining)
    : plan_(plan), earlier_(earlier), site_(site), hash_(std::move(hash)), explaining_(explaining) {
  built_.block = std::make_shared<query::Block>();
  built_.block->labels = labels();
}

void Building::handles_queries() {
  built_.handlers.insert(directive_);
  built_.block->handles_queries = true;
  built_.block->unanswered = "plugin/" + directive_ + ": no next plugin found";
}

// The nth step of a directive is that of its nth use, or of its only one.
void Building::place(std::unique_ptr<const query::Step> step, bool before_waiting) {
  size_t before = 0;
  for (const auto& [other, use] : built_.places) before += use.directive == directive_ ? 1 : 0;
  Use at{directive_, plan_.place};
  for (const Use& use : plan_.uses) {
    if (use.directive != directive_) continue;
    at = use;
    if (before-- == 0) break;
  }
  built_.places.emplace(step.get(), at);
  placed_.push_back({std::move(step), site_.metrics.maker(directive_), before_waiting});
  handles_queries();
}

void Building::step(std::unique_ptr<const query::Step> step) {
  place(std::move(step), false);
}

void Building::step_before_waiting(std::unique_ptr<const query::Step> step) {
  place(std::move(step), true);
}

void Building::observe(std::unique_ptr<const query::Observer> observer) {
  built_.block->answer_is_read = built_.block->answer_is_read || observer->reads_answer();
  built_.block->observers.push_back(std::move(observer));
  handles_queries();
}

void Building::encrypt(const std::string& transport, std::shared_ptr<const net::CurrentTls> tls) {
  built_.tls[transport] = std::move(tls);
}

void Building::sign_with(std::shared_ptr<const query::Signatures> signatures) {
  built_.block->signatures = std::move(signatures);
}

void Building::hear(std::shared_ptr<const query::Notified> notified) {
  built_.block->notified = std::move(notified);
}

void Building::offer(std::shared_ptr<const query::SearchDomains> domains) {
  built_.search_domains[directive_] = std::move(domains);
}

void Building::offer(std::shared_ptr<const query::ZoneLister> lister) {
  built_.zone_listers.push_back(std::move(lister));
}

bool Building::is_counted() const {
  return std::ranges::find(plan_.directives, "prometheus") != plan_.directives.end();
}

bool Building::used_before() const {
  return std::ranges::any_of(earlier_, [this](const Plan& plan) {
    return std::ranges::find(plan.directives, directive_) != plan.directives.end();
  });
}

std::vector<dns::IpAddress> Building::own_addresses() const {
  std::vector<dns::IpAddress> own;
  for (const ServedKey& served : plan_.keys) {
    for (const net::ListenAddress& address : served.addresses) {
      if (address.wildcard) return net::non_loopback_addresses(plan_.interfaces());
      const bool known = std::ranges::find(own, address.address) != own.end();
      if (!known && !address.address.is_loopback()) own.push_back(address.address);
    }
  }
  return own;
}

// What waits for nobody and says the same each time needs no cache in front of it.
void Building::assemble() {
  const auto waits = [](const Placed& placed) { return placed.step->may_wait(); };
  const auto first = std::ranges::find_if(placed_, waits);
  std::vector<Placed> chain;
  std::vector<Placed> moved;
  for (auto at = placed_.begin(); at != placed_.end(); ++at) {
    if (at == first) std::ranges::move(moved, std::back_inserter(chain));
    if (at->before_waiting && at < first && first != placed_.end()) {
      moved.push_back(std::move(*at));
    } else if (!at->before_waiting) {
      chain.push_back(std::move(*at));
    }
  }
  query::Block& block = *built_.block;
  for (Placed& placed : chain) {
    if (placed.step->looks_ahead()) block.fetching.push_back(placed.step.get());
    block.chain.push_back({std::move(placed.step), placed.maker});
  }
}

Built Building::build() {
  for (const Plan::Part& part : plan_.parts()) {
    directive_ = part.directive;
    part.make(*this);
  }
  for (const auto& last : last_) last(built_);
  assemble();
  return std::move(built_);
}

}  // namespace fairlead::plugins
