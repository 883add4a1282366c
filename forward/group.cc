#include "forward/group.h"

#include <stdexcept>

#include "forward/group_state.h"

namespace fairlead::forward {

GroupState::GroupState(Settings given, size_t workers, const HealthListener& listener,
                       UpstreamSessions* sessions)
    : settings(std::move(given)),
      overloaded("concurrent queries exceeded maximum " + std::to_string(settings.max_concurrent)),
      slots(workers) {
  std::shared_ptr<const net::TlsContext> of_tls, of_https;
  for (const UpstreamSettings& upstream : settings.upstreams) {
    upstreams.push_back(
        std::make_unique<Upstream>(upstream, settings.max_fails, workers, listener));
    if (upstream.transport == Transport::Dns) {
      tls.push_back(nullptr);
      continue;
    }
    auto& context = upstream.transport == Transport::Https ? of_https : of_tls;
    if (context == nullptr) context = make_tls_context(settings.tls, upstream.transport);
    tls.push_back(std::make_unique<TlsClient>(
        context, upstream, sessions != nullptr ? sessions->of(*context, upstream) : nullptr));
  }
}

bool GroupState::enter() {
  if (settings.max_concurrent == 0) return true;
  if (shared.concurrent.fetch_add(1, std::memory_order_relaxed) < settings.max_concurrent)
    return true;
  leave();
  return false;
}

void GroupState::leave() {
  if (settings.max_concurrent != 0) shared.concurrent.fetch_sub(1, std::memory_order_relaxed);
}

std::shared_ptr<Group> make_group(Settings settings, size_t workers, const HealthListener& listener,
                                  UpstreamSessions* sessions) {
  if (settings.upstreams.size() > kMaxUpstreams) throw std::runtime_error("too many upstreams");
  return std::make_shared<Group>(
      std::make_shared<GroupState>(std::move(settings), workers, listener, sessions));
}

const Settings& settings_of(const Group& group) {
  return group.state()->settings;
}

GroupTotals totals(const Group& group) {
  GroupTotals out;
  for (const auto& upstream : group.state()->upstreams) {
    out.upstreams.push_back(upstream->totals());
  }
  for (const GroupState::Slot& slot : group.state()->slots) {
    out.healthcheck_broken += slot.healthcheck_broken.value();
    out.max_concurrent_rejects += slot.rejects.value();
  }
  return out;
}

}  // namespace fairlead::forward
