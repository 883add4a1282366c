// Health: after a failure an upstream is asked one question again and again until it replies.
#include <algorithm>
#include <string>
#include <string_view>

#include "forward/asking.h"

namespace fairlead::forward {
namespace {

constexpr std::chrono::seconds kProbeTimeout{1};
constexpr nanoseconds kShortestInterval = std::chrono::milliseconds(10);

}  // namespace

/// One worker probes for all: the one that sees the failure first.
void Asking::start_probe(Link& link, Time now) {
  const Settings& settings = link.links.state->settings;
  if (settings.max_fails == 0 || !link.upstream.start_probing()) return;
  Exchange* probe = table_.take();
  if (probe == nullptr) return link.upstream.stop_probing();
  link.probe = probe;
  probe->links = &link.links;
  const dns::NameView name = link.links.health_domain.view();
  std::ranges::copy(name, probe->qname.begin());
  probe->question = {.qname = {probe->qname.data(), name.size()},
                     .qtype = dns::RrType::Ns,
                     .recursion_desired = settings.health_check.recursion_desired};
  probe->client = dns::Transport::Udp;
  probe->attempts[0].link = &link;
  // Not from here: the caller is in the middle of something.
  probe->waiting = true;
  set_timer(probe->timer, TimerKind::Probe, now);
}

/// The worker that probed may be gone: an upstream must not stay down for want of a probe.
void Asking::find_probers(Links& links, Time now) {
  for (const auto& link : links.all) {
    const Upstream& upstream = link->upstream;
    if ((upstream.suspect() || upstream.down()) && !upstream.probed()) start_probe(*link, now);
  }
}

void Asking::send_probe(Exchange& probe, Time now) {
  Attempt& a = probe.attempts[0];
  probe.waiting = false;
  start_attempt(a, *a.link, now);
  if (!a.alive()) return;
  a.expires = now + kProbeTimeout;
  set_timer(probe.timer, TimerKind::Probe, std::min(a.expires, now + a.link->upstream.patience()));
}

void Asking::on_probe_timer(Exchange& probe, Time now) {
  Attempt& a = probe.attempts[0];
  if (probe.waiting) {
    if (probe.links->group.expired()) return end_probe(probe, false, now);
    return send_probe(probe, now);
  }
  if (now < a.expires) {
    a.link->upstream.set_suspect(true);
    return set_timer(probe.timer, TimerKind::Probe, a.expires);
  }
  const std::string error = timeout_text(a);
  drop_attempt(a, now);
  probe_failed(probe, error, now);
}

void Asking::probe_failed(Exchange& probe, std::string_view error, Time now) {
  Upstream& upstream = probe.attempts[0].link->upstream;
  upstream.count_failed_probe(worker_);
  upstream.note_failure({.since = probe.attempts[0].started, .now = now, .why = error});
  upstream.set_suspect(true);
  probe.waiting = true;
  const nanoseconds interval = probe.links->state->settings.health_check.interval;
  set_timer(probe.timer, TimerKind::Probe, now + std::max(interval, kShortestInterval));
}

void Asking::end_probe(Exchange& probe, bool answered, Time now) {
  Link& link = *probe.attempts[0].link;
  if (answered) {
    link.upstream.note_reply(now);
    link.upstream.forgive_loss();
  }
  drop_attempt(probe.attempts[0], now);
  wheel_.cancel(probe.timer);
  link.probe = nullptr;
  table_.give_back(probe);
  link.upstream.stop_probing();
}

}  // namespace fairlead::forward
