// What one worker has of a group: sockets and connections to each of its upstreams.
#pragma once

#include <memory>
#include <vector>

#include "dns/name.h"
#include "forward/group_state.h"
#include "forward/stream.h"
#include "forward/timer_wheel.h"
#include "forward/udp_sockets.h"

namespace fairlead::forward {

struct Exchange;
struct Links;

/// One upstream, as one worker reaches it.
struct Link {
  Link(Links& group, size_t index);

  Links& links;
  const size_t index;  // in links.all
  Upstream& upstream;
  TlsClient* const tls;  // null for plain TCP
  UdpPeer udp;
  Timer retire;                        // of the current UDP socket
  std::unique_ptr<StreamPool> stream;  // made when first needed
  Exchange* probe = nullptr;           // when this worker is the one that probes
};

/// One group's upstreams, in their order.
struct Links {
  explicit Links(const std::shared_ptr<Group>& group);

  /// True when this belongs to `other`, without touching a reference count.
  [[nodiscard]] bool is_of(const std::shared_ptr<Group>& other) const {
    return !group.owner_before(other) && !other.owner_before(group);
  }

  std::weak_ptr<Group> group;
  const std::shared_ptr<GroupState> state;
  dns::Name health_domain;
  std::vector<std::unique_ptr<Link>> all;
  size_t active = 0;  // questions under way
};

}  // namespace fairlead::forward
