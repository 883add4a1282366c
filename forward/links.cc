#include "forward/links.h"

namespace fairlead::forward {

Link::Link(Links& group, size_t its_index)
    : links(group),
      index(its_index),
      upstream(*group.state->upstreams[its_index]),
      tls(group.state->tls[its_index].get()),
      udp(upstream.settings(), group.state->settings) {
  udp.owner = this;
  retire.owner = this;
}

Links::Links(const std::shared_ptr<Group>& of) : group(of), state(of->state()) {
  health_domain = dns::Name::from_text(state->settings.health_check.domain).value_or(dns::Name());
  for (size_t i = 0; i < state->upstreams.size(); ++i) {
    all.push_back(std::make_unique<Link>(*this, i));
  }
}

}  // namespace fairlead::forward
