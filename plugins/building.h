// One server block while it is deployed: what its directives may have from the server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/counter_table.h"
#include "metrics/family_set.h"
#include "plugins/built.h"
#include "plugins/offers.h"
#include "plugins/plan.h"
#include "query/block.h"
#include "query/live_board.h"
#include "query/telling.h"
#include "query/worker_view.h"

namespace fairlead::plugins {

/// Used by the control thread while Plan::parts() run.
class Building : public Offers {
 public:
  /// `hash`: that of the whole configuration. `earlier`: the plans of the blocks before this one.
  /// `explaining` is null when the block is to be served.
  Building(const Plan& plan, std::span<const Plan> earlier, Site& site, std::string hash,
           const Explaining* explaining);
  void step(std::unique_ptr<const query::Step> step);
  /// In front of the first step that may wait; left out when there is none (cache).
  void step_before_waiting(std::unique_ptr<const query::Step> step);
  void observe(std::unique_ptr<const query::Observer> observer);
  /// The block takes questions, though this directive does nothing with them: a chain that ends
  /// without an answer ends here if nothing stands behind.
  void handles_queries();
  /// Questions of other classes than IN are to reach the chain.
  void take_other_classes() { built_.block->other_classes = true; }
  /// What has a TSIG record is, too; elsewhere nobody knows its key.
  void sign_with(std::shared_ptr<const query::Signatures> signatures);
  /// The block is for questions that fulfil a condition.
  void when(std::shared_ptr<const query::When> when) { built_.block->when = std::move(when); }
  /// Hears of zones that have changed elsewhere; one for a block.
  void hear(std::shared_ptr<const query::Notified> notified);
  using Offers::offer;
  /// For the directives in front of this one, which are built before it (autopath, k8s_external).
  void offer(std::shared_ptr<const query::SearchDomains> domains);
  void offer(std::shared_ptr<const Cluster> cluster) { built_.cluster = std::move(cluster); }
  void offer(std::shared_ptr<const query::ZoneLister> lister);
  /// Called when all directives of the block are built. May throw as Plan::Make.
  void when_built(std::function<void(const Built&)> last) { last_.push_back(std::move(last)); }

  /// See Kept::keep() and Kept::process().
  template <class T, class Match, class Make>
  std::shared_ptr<T> keep(Match match, Make make) {
    return site_.kept.keep<T>(std::move(match), std::move(make));
  }
  template <class T, class Make>
  std::shared_ptr<T> process(Make make) {
    return site_.kept.process<T>(std::move(make));
  }

  /// A place on the board for a T that changes while it is served, kept by whoever publishes it.
  template <class T>
  std::unique_ptr<query::LiveBoard::Place<T>> live() {
    return site_.board.place<T>();
  }

  /// A T for each worker, made there when it is first asked for.
  template <class T>
  query::LocalAt<T> local(typename query::LocalAt<T>::Make make) {
    return {site_.kept.number<T>(),
            std::make_shared<const typename query::LocalAt<T>::Make>(std::move(make))};
  }

  /// Counters of each worker for each server and zone of the block, for Walk::counters(). `collect`
  /// makes families of them; `name` tells tables apart. `zones` stands in place of the zone.
  /// kNotCounted without `prometheus` in the block.
  static constexpr size_t kNotCounted = SIZE_MAX;
  template <class T>
  size_t counters(const std::string& name, typename metrics::CounterTableOf<T>::Collect collect,
                  const std::string& zones = {}) {
    if (!is_counted()) return kNotCounted;
    return count_in(site_.metrics.table<T>(name, std::move(collect)), zones);
  }
  size_t count_in(std::shared_ptr<metrics::CounterTable> table, std::string zones = {}) {
    built_.counted.push_back({std::move(table), std::move(zones)});
    return built_.counted.size() - 1;
  }
  /// Called at each scrape as long as the block is served.
  void collect(std::function<void(metrics::FamilySet&)> collector) {
    built_.collectors.push_back(std::move(collector));
  }
  /// The same questions for addresses that no zone matches.
  void count_unmatched(decltype(Built::unmatched) make) { built_.unmatched = std::move(make); }
  /// Its addresses of this transport have TLS.
  void encrypt(const std::string& transport, std::shared_ptr<const net::CurrentTls> tls);
  /// `make` is called once the block is served; what it returns is destroyed when it no longer is.
  void while_served(std::function<std::shared_ptr<void>()> make) {
    built_.while_served.push_back(std::move(make));
  }
  void start_after(StartCheck check) { built_.start_checks.push_back(std::move(check)); }
  /// Whoever was ready once is asked again.
  void check_continuously() { built_.check_continuously = true; }
  void ready(ReadyCheck check) { built_.ready_checks.push_back(std::move(check)); }
  /// Lines for /ready that are no reason not to be.
  void note(std::function<std::string()> note) { built_.notes.push_back(std::move(note)); }
  /// Lines of `fairlead status`, asked on the control thread.
  void tell_status(std::function<std::vector<StatusLine>()> lines) {
    built_.status.push_back(std::move(lines));
  }
  void http(http::HttpRoute route) { built_.routes.push_back(std::move(route)); }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] Site& site() const { return site_; }
  [[nodiscard]] net::LogSink& log() const { return site_.log; }
  [[nodiscard]] const std::string& hash() const { return hash_; }
  [[nodiscard]] const Explaining* explaining() const { return explaining_; }
  /// The server's addresses that clients can reach, for the NS of its zones.
  [[nodiscard]] std::vector<dns::IpAddress> own_addresses() const;
  /// Some block before this one has the directive that is built now.
  [[nodiscard]] bool used_before() const;
  [[nodiscard]] bool is_counted() const;

  /// Runs all parts.
  Built build();

 private:
  struct Placed {
    std::unique_ptr<const query::Step> step;
    uint8_t maker = 0;
    bool before_waiting = false;
  };

  void assemble();
  void place(std::unique_ptr<const query::Step> step, bool before_waiting);

  const Plan& plan_;
  std::span<const Plan> earlier_;
  Site& site_;
  const std::string hash_;
  const Explaining* const explaining_;
  Built built_;
  std::string directive_;  // whose part runs
  std::vector<Placed> placed_;
  std::vector<std::function<void(const Built&)>> last_;
};

}  // namespace fairlead::plugins
