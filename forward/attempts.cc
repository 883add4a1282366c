// One query to one upstream: sent, given up, failed.
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "forward/asking.h"

namespace fairlead::forward {
namespace {

bool over_stream(const Exchange& x, const Link& link) {
  const Settings& settings = x.links->state->settings;
  if (link.upstream.settings().transport != Transport::Dns || settings.force_tcp) return true;
  return x.client == dns::Transport::Tcp && !settings.prefer_udp;
}

Proto proto_of(const Attempt& a) {
  if (a.state == Attempt::State::Udp) return Proto::Udp;
  switch (a.link->upstream.settings().transport) {
    case Transport::Dns:
      return Proto::Tcp;
    case Transport::Tls:
      return Proto::Tls;
    case Transport::Https:
      return Proto::Https;
  }
  return Proto::Tcp;
}

/// A second query for the same question on the same port would double the chances of a guess.
bool needs_another_port(const Exchange& x, const Link& link) {
  for (const Attempt& a : x.attempts) {
    if (a.alive() && a.socket != nullptr && a.socket == link.udp.current) return true;
  }
  return false;
}

/// Some upstreams, or boxes in front of them, drop queries with an OPT record (RFC 6891 §7 has them
/// answer). Who asks for DNSSEC's records cannot do without.
bool is_time_to_go_without_edns(const Exchange& x, const Link& link, Timer::Clock::time_point now) {
  const bool silent = (x.with_edns & uint32_t{1} << link.index) != 0;
  return silent && !x.question.dnssec_ok && link.upstream.may_drop_edns(now);
}

const Tap* tap_of(const Exchange& x) {
  return x.asker != nullptr ? x.asker->tap() : nullptr;
}

Tap::Event event_of(const Attempt& a, size_t worker, std::span<const uint8_t> octets) {
  const UpstreamSettings& upstream = a.link->upstream.settings();
  return {.worker = worker,
          .upstream = {upstream.address, upstream.port},
          .proto = proto_of(a),
          .ago = Timer::Clock::now() - a.started,
          .octets = octets};
}

/// A reply that was cut short is there, and what was tried to get the whole did not work.
bool has_cut(const Exchange& x) {
  return x.kept != nullptr && x.kept->truncated;
}

}  // namespace

void Asking::start_attempt(Attempt& a, Link& link, Time now) {
  a.link = &link;
  a.started = now;
  a.edns = !link.upstream.without_edns(now);
  a.without_edns = a.edns_silent = a.unreadable = a.late = false;
  Exchange& x = *a.exchange;
  if (x.kept == nullptr) x.upstream = &link.upstream;
  if (over_stream(x, link)) return send_stream(a, now);
  a.edns_silent = a.edns && is_time_to_go_without_edns(x, link, now);
  if (a.edns_silent) a.edns = false;
  const uint32_t bit = uint32_t{1} << link.index;
  x.with_edns = a.edns ? x.with_edns | bit : x.with_edns & ~bit;
  send_udp(a, now);
}

void Asking::send_udp(Attempt& a, Time now) {
  Link& link = *a.link;
  const bool fresh = needs_another_port(*a.exchange, link);
  const UdpSockets::Place place = udp_->reserve(link.udp, a, fresh, now);
  link.upstream.count_connection(worker_, Proto::Udp, place.reused);
  if (place.socket == nullptr) {
    const std::string what = "dial udp " + to_text(link.udp.remote);
    return attempt_failed(a, what + ": " + net::error_text(place.error), now);
  }
  a.state = Attempt::State::Udp;
  a.socket = place.socket;
  a.slot = place.slot;
  a.expires = now + link.links.state->settings.read_timeout;
  if (!link.retire.is_set()) set_timer(link.retire, TimerKind::Retire, now + kUdpSocketLife);
  std::array<uint8_t, dns::kMaxUpstreamQuery> query;  // NOLINT: written before it is read
  const uint16_t id = place.socket->slots[place.slot].id;
  const size_t size = dns::write_query(a.exchange->question, id, a.edns, query);
  udp_->send(*place.socket, {query.data(), size});
  tell_asked(a, {query.data(), size});
}

void Asking::send_stream(Attempt& a, Time now) {
  Link& link = *a.link;
  const Settings& settings = link.links.state->settings;
  const UpstreamSettings& upstream = link.upstream.settings();
  if (link.stream == nullptr) {
    link.stream = std::make_unique<StreamPool>(context_, settings, upstream, link.tls, *this);
  }
  a.state = Attempt::State::Stream;
  a.started = now;
  std::array<uint8_t, dns::kMaxUpstreamQuery> query;  // NOLINT: written before it is read
  const size_t size = dns::write_query(a.exchange->question, 0, a.edns, query);
  const StreamPool::Sent sent =
      link.stream->send(ExchangeTable::token(a), {query.data(), size}, link.upstream.patience());
  a.slot = sent.place;
  // What is not open yet has a time of its own, and on_sent() follows. Nobody waits that long for
  // the rest of a reply that was cut.
  const bool soon = sent.reused || has_cut(*a.exchange);
  a.expires = soon ? now + settings.read_timeout : a.exchange->deadline;
  link.upstream.count_connection(worker_, proto_of(a), sent.reused);
}

void Asking::tell_asked(const Attempt& a, std::span<const uint8_t> query) const {
  const Tap* const tap = tap_of(*a.exchange);
  if (tap != nullptr) tap->asked(event_of(a, worker_, query));
}

/// Connections give ids that only replies tell: told with those, or when none comes.
void Asking::tell_stream_asked(const Attempt& a, uint16_t id) const {
  if (a.state != Attempt::State::Stream || tap_of(*a.exchange) == nullptr) return;
  std::array<uint8_t, dns::kMaxUpstreamQuery> query;  // NOLINT: written before it is read
  tell_asked(a, {query.data(), dns::write_query(a.exchange->question, id, a.edns, query)});
}

void Asking::tell_answered(const Attempt& a, std::span<const uint8_t> reply) const {
  const Tap* const tap = tap_of(*a.exchange);
  if (tap != nullptr) tap->answered(event_of(a, worker_, reply));
}

/// Nobody waits for it any more.
void Asking::drop_attempt(Attempt& a, Time now) {
  if (a.state == Attempt::State::Udp && a.socket != nullptr) udp_->release(*a.socket, a.slot, now);
  if (a.state == Attempt::State::Stream)
    a.link->stream->cancel(static_cast<uint32_t>(a.slot), ExchangeTable::token(a));
  a.state = Attempt::State::None;
  a.socket = nullptr;
}

/// The upstream could not be asked. The caller goes on with the question.
void Asking::attempt_failed(Attempt& a, std::string_view error, Time now) {
  Exchange& x = *a.exchange;
  Link& link = *a.link;
  const bool stream = a.state == Attempt::State::Stream;
  drop_attempt(a, now);
  x.with_edns &= ~(uint32_t{1} << link.index);  // it was not silent
  if (x.asker == nullptr) return probe_failed(x, error, now);
  x.error = error;
  ++x.failed;
  link.upstream.note_failure({.since = now, .now = now, .why = error});
  link.upstream.note_loss();
  start_probe(link, now);
  if (link.links.state->settings.max_fails != 0) link.upstream.set_suspect(true);
  if (has_another(*x.links->state, x.asked)) {
    link.upstream.count_retry(worker_);
    x.launch_at = now;
  } else if (stream && has_cut(x)) {
    x.exhausted = true;
  } else if (x.alive() == 0 && x.failed < 2 * x.links->all.size()) {
    x.launch_at = now;  // there is nothing to wait for
  } else if (x.launch_at == Time::max()) {
    x.launch_at = now + link.upstream.patience();
  }
}

void Asking::attempt_expired(Attempt& a, Time now) {
  Exchange& x = *a.exchange;
  Link& link = *a.link;
  x.error = timeout_text(a);
  tell_stream_asked(a, 0);
  const bool silent = !a.unreadable;
  if (silent) link.upstream.note_failure({.since = a.started, .now = now, .why = x.error});
  if (silent) start_probe(link, now);
  drop_attempt(a, now);
  ++x.failed;
  if (has_cut(x)) x.exhausted = true;
  x.launch_at = std::min(x.launch_at, now);
}

/// The question is about to be asked elsewhere, as what was asked has not answered in time.
void Asking::note_late(Exchange& x, Time now) {
  for (Attempt& a : x.attempts) {
    if (!a.alive() || a.late) continue;
    a.late = true;
    a.link->upstream.note_loss();
    a.link->upstream.count_retry(worker_);
    if (!a.unreadable) start_probe(*a.link, now);
  }
}

std::string Asking::timeout_text(const Attempt& a) {
  const std::string to = to_text(a.link->udp.remote);
  if (a.unreadable) return "dns: unreadable reply from " + to;
  if (a.state == Attempt::State::Stream) return "read tcp " + to + ": i/o timeout";
  return "read udp " + net::local_text(a.socket->fd) + "->" + to + ": i/o timeout";
}

}  // namespace fairlead::forward
