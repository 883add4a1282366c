// Asks etcd how long its leases still live, so that no question has to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/asio.h"
#include "plugins/etcd/gateway.h"
#include "plugins/etcd/key_store.h"

namespace fairlead::plugins::etcd {

/// Every lease that a key has is asked for when it is met, and again when half of it has gone by:
/// whoever keeps it alive renews it before. One request at a time. Used by the mirror's thread.
class LeaseBook final : public Leases {
 public:
  /// Hears the code of each response, "<error>" when there was none.
  using Heard = std::function<void(const std::string& code)>;
  /// Both outlive it.
  LeaseBook(asio::io_context& io, Gateway& gateway, Heard heard);

  std::shared_ptr<const Lease> lease(int64_t id) override;

  /// Requests are only made between these two: while there is a server to be asked.
  void start();
  void stop();

  [[nodiscard]] size_t size() const { return known_.size(); }

 private:
  using Due = net::Clock::time_point;
  void ask_next();
  void ask(const std::shared_ptr<Lease>& lease);
  void answered();
  void ask_again(const std::shared_ptr<Lease>& lease, std::chrono::seconds pause);

  Gateway& gateway_;
  const Heard heard_;
  net::Timer timer_;
  bool running_ = false;
  std::unordered_map<int64_t, std::weak_ptr<Lease>> known_;
  std::multimap<Due, std::weak_ptr<Lease>> due_;  // one for each in known_, but for the one asked
  std::shared_ptr<Lease> asked_;
  WholeReply reply_;
  std::unique_ptr<k8s_watch::Exchange> exchange_;
};

}  // namespace fairlead::plugins::etcd
