// What comes back from upstreams, and which of it is the outcome of a question.
#include <algorithm>
#include <utility>

#include "forward/asking.h"

namespace fairlead::forward {
namespace {

// Somebody is guessing: so many datagrams on one socket that were no replies to its questions. TCP
// cannot be guessed into (RFC 5452 §8).
constexpr uint32_t kMostJunk = 64;
constexpr size_t kPlainSize = 512;  // RFC 1035 §4.2.1

dns::ResponseFault fault_of(std::span<const uint8_t> stray) {
  if (stray.size() < 12) return dns::ResponseFault::Short;
  return (stray[2] & 0x80) == 0 ? dns::ResponseFault::NotResponse : dns::ResponseFault::Id;
}

Link& link_of(UdpPeer& peer) {
  return *static_cast<Link*>(peer.owner);
}

/// A box on the way has cut the reply and left TC clear.
bool is_cut_off(const dns::Response& r, const Datagram& datagram) {
  return r.verdict == dns::ResponseVerdict::Malformed && r.fault == dns::ResponseFault::Record &&
         datagram.octets.size() >= kPlainSize;
}

/// The rcodes of a server that does not know EDNS (RFC 6891 §7), or pretends.
bool dislikes_edns(dns::Rcode rcode, bool has_edns) {
  if (rcode == dns::Rcode::BadVers) return true;
  return !has_edns && (rcode == dns::Rcode::FormErr || rcode == dns::Rcode::NotImp);
}

}  // namespace

void Asking::on_datagram(Attempt& a, uint16_t id, const Datagram& datagram) {
  const Time now = Timer::Clock::now();
  Exchange& x = *a.exchange;
  Link& link = *a.link;
  const dns::Response r = dns::read_response(datagram.octets, id, x.question, answer_);
  if (r.verdict == dns::ResponseVerdict::Ours && !datagram.cut) {
    tell_answered(a, datagram.octets);
    return settle(a, r, now);
  }
  if (r.verdict != dns::ResponseVerdict::Ours) {
    link.upstream.count_ignored(worker_, r.fault);
    if (r.verdict == dns::ResponseVerdict::Malformed) a.unreadable = true;
  }
  const bool guessed = ++a.socket->junk >= kMostJunk;
  const bool too_large =
      (datagram.cut && r.verdict != dns::ResponseVerdict::NotOurs) || is_cut_off(r, datagram);
  if (x.asker == nullptr) {
    if (a.unreadable || too_large) end_probe(x, true, now);
  } else if (guessed || too_large) {
    if (too_large) keep_nothing_but_tc(x);
    drop_attempt(a, now);
    send_stream(a, now);
    proceed(x, now);
  }
  arm();
}

void Asking::on_late(UdpPeer& peer) {
  link_of(peer).upstream.note_reply(Timer::Clock::now());
}

void Asking::on_stray(UdpPeer& peer, const Datagram& datagram) {
  link_of(peer).upstream.count_ignored(worker_, fault_of(datagram.octets));
}

void Asking::on_udp_error(Attempt& a, const UdpError& error) {
  const Time now = Timer::Clock::now();
  Exchange& x = *a.exchange;
  a.socket = nullptr;
  const std::string what = error.sending ? "write" : "read";
  const std::string where = what + " udp " + error.local + "->" + to_text(a.link->udp.remote);
  attempt_failed(a, where + ": " + what + ": " + net::error_text(error.error), now);
  if (x.asker != nullptr) proceed(x, now);
  arm();
}

void Asking::on_message(uint32_t token, std::span<const uint8_t> message) {
  Attempt* a = table_.find(token);
  if (a == nullptr || message.size() < 2) return;
  const Time now = Timer::Clock::now();
  Exchange& x = *a->exchange;
  const auto id = static_cast<uint16_t>(message[0] << 8 | message[1]);
  const dns::Response r = dns::read_response(message, id, x.question, answer_);
  tell_stream_asked(*a, id);
  if (r.verdict == dns::ResponseVerdict::Ours) {
    tell_answered(*a, message);
    return settle(*a, r, now);
  }
  a->link->upstream.count_ignored(worker_, r.fault);
  const bool unreadable = r.verdict == dns::ResponseVerdict::Malformed;
  if (x.asker == nullptr && unreadable) return end_probe(x, true, now);
  attempt_failed(*a, "dns: unreadable reply from " + to_text(a->link->udp.remote), now);
  if (x.asker != nullptr) proceed(x, now);
  arm();
}

void Asking::on_stream_error(uint32_t token, std::string_view text) {
  Attempt* a = table_.find(token);
  if (a == nullptr) return;
  const Time now = Timer::Clock::now();
  Exchange& x = *a->exchange;
  tell_stream_asked(*a, 0);
  attempt_failed(*a, text, now);
  if (x.asker != nullptr) proceed(x, now);
  arm();
}

/// Time that a connection took to be set up is none that the upstream took to answer.
void Asking::on_sent(uint32_t token) {
  Attempt* a = table_.find(token);
  if (a == nullptr || a->exchange->asker == nullptr) return;
  Exchange& x = *a->exchange;
  a->expires = Timer::Clock::now() + x.links->state->settings.read_timeout;
  set_timer(x.timer, TimerKind::Question, std::min(x.timer.due, a->expires));
  arm();
}

/// A reply that is the upstream's for certain: answer_ holds it.
void Asking::settle(Attempt& a, const dns::Response& r, Time now) {
  Exchange& x = *a.exchange;
  x.upstream = &a.link->upstream;
  note_reply(a, now);
  if (x.asker == nullptr) {
    end_probe(x, true, now);
  } else if (!asks_without_edns(a, r, now) && !asks_over_tcp(a, r, now) && !fails_over(a, now)) {
    answer(x, answer_);
  }
  if (!stopped_) arm();
}

void Asking::note_reply(Attempt& a, Time now) {
  Upstream& upstream = a.link->upstream;
  const nanoseconds duration = now - a.started;
  upstream.note_reply(now);
  if (a.edns) upstream.note_edns_reply(now);
  if (a.edns_silent) upstream.note_edns_silence(now);
  if (a.exchange->asker == nullptr) return;
  upstream.note_latency(worker_, duration);
  upstream.count_reply(worker_, answer_.rcode, duration);
}

bool Asking::asks_without_edns(Attempt& a, const dns::Response& r, Time now) {
  const bool disliked = dislikes_edns(answer_.rcode, r.has_edns);
  if (a.without_edns && !disliked) a.link->upstream.set_without_edns(now);
  if (!a.edns || !disliked) return false;
  const bool udp = a.state == Attempt::State::Udp;
  drop_attempt(a, now);
  a.edns = false;
  a.without_edns = true;
  if (udp) {
    send_udp(a, now);
  } else {
    send_stream(a, now);
  }
  proceed(*a.exchange, now);
  return true;
}

bool Asking::asks_over_tcp(Attempt& a, const dns::Response& r, Time now) {
  if (!r.truncated || a.state != Attempt::State::Udp) return false;
  Exchange& x = *a.exchange;
  const bool cut_early = !r.has_edns && x.client_size > kPlainSize;
  if (x.client != dns::Transport::Tcp && !x.links->state->settings.prefer_udp && !cut_early) {
    return false;
  }
  keep(x);
  drop_attempt(a, now);
  send_stream(a, now);
  proceed(x, now);
  return true;
}

bool Asking::fails_over(Attempt& a, Time now) {
  Exchange& x = *a.exchange;
  const auto& rcodes = x.links->state->settings.failover;
  if (std::ranges::find(rcodes, static_cast<uint16_t>(answer_.rcode)) == rcodes.end()) return false;
  keep(x);
  drop_attempt(a, now);
  if (has_another(*x.links->state, x.asked)) {
    a.link->upstream.count_retry(worker_);
    x.launch_at = now;
  } else {
    x.exhausted = true;
  }
  proceed(x, now);
  return true;
}

/// What was cut short by an upstream is better than a failure of another.
void Asking::keep(Exchange& x) {
  if (x.kept != nullptr && x.kept->truncated && !answer_.truncated) return;
  if (x.kept == nullptr) x.kept = std::make_unique<dns::Answer>();
  std::swap(*x.kept, answer_);
}

/// The outcome should TCP not work: the client may have more luck there.
void Asking::keep_nothing_but_tc(Exchange& x) {
  answer_.clear();
  answer_.truncated = true;
  answer_.recursion_available = true;
  keep(x);
}

}  // namespace fairlead::forward
