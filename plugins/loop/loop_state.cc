#include "plugins/loop/loop_state.h"

#include <algorithm>

#include "plugins/loop/probe.h"

namespace fairlead::plugins::loop {

LoopState::LoopState(const dns::Name& zone, Time start)
    : zone_(zone), start_(start), next_send_(start) {}

void LoopState::disarm() {
  probe_.reset();
  armed_.store(false, std::memory_order_relaxed);
}

// While starting: an answered probe ends the search, any other is tried again.
void LoopState::judge_start(const Probe& probe, Time now) {
  done_ = probe.answered || now - start_ >= kStartWindow;
}

// While looping. True: the loop has ended. A probe that nobody saw and nobody answered got lost and
// says nothing.
bool LoopState::judge_recheck(const Probe& probe) {
  constexpr int kCleanEnough = 2;
  if (probe.sightings == 0 && !probe.answered) return false;
  clean_ = probe.sightings <= 1 ? clean_ + 1 : 0;
  if (clean_ < kCleanEnough) return false;
  looping_.store(false, std::memory_order_relaxed);
  done_ = true;
  return true;
}

void LoopState::judge(Time now, Action& action) {
  const Probe probe = *probe_;
  disarm();
  if (is_looping()) {
    action.ended = judge_recheck(probe);
    next_send_ = std::max(now, probe.sent + kRecheck);
  } else {
    judge_start(probe, now);
    next_send_ = now;
  }
}

Action LoopState::next_action(Time now) {
  const std::lock_guard lock(mutex_);
  Action action;
  if (probe_ && now >= probe_->judged) judge(now, action);
  if (done_) return action;
  action.kind = Action::Kind::Wait;
  action.when = probe_ ? probe_->judged : next_send_;
  if (action.when > now || probe_) return action;
  action.probe = probe_name(zone_);
  if (!action.probe) {
    done_ = !is_looping();
    next_send_ = now + kRecheck;
    action.kind = done_ ? Action::Kind::Nothing : Action::Kind::Wait;
    action.when = next_send_;
    return action;
  }
  // Until the next try, not only until the timeout: the slower the loop, the later it shows.
  probe_ = Probe{*action.probe, now, now + kTimeout + kRetry};
  armed_.store(true, std::memory_order_relaxed);
  action.kind = Action::Kind::Send;
  return action;
}

void LoopState::send_failed(Time now) {
  const std::lock_guard lock(mutex_);
  if (!probe_) return;
  disarm();
  next_send_ = now + (is_looping() ? kRecheck : kRetry);
  if (!is_looping()) done_ = next_send_ - start_ >= kStartWindow;
}

void LoopState::answered(Time now) {
  const std::lock_guard lock(mutex_);
  if (!probe_ || probe_->answered || now - probe_->sent > kTimeout) return;
  probe_->answered = true;
  probe_->judged = now + kGrace;
}

Sighting LoopState::seen(const dns::Query& query, Time now) {
  if (!armed_.load(std::memory_order_relaxed) || query.qtype != dns::RrType::Hinfo ||
      query.qclass != dns::RrClass::In)
    return Sighting::None;
  const std::lock_guard lock(mutex_);
  if (!probe_ || now >= probe_->judged || query.lower_qname != probe_->name) return Sighting::None;
  if (++probe_->sightings <= kMostSightings) return Sighting::Probe;
  probe_->sightings = kMostSightings + 1;
  if (is_looping()) return Sighting::Repeated;
  looping_.store(true, std::memory_order_relaxed);
  detected_ = probe_->name;
  clean_ = 0;
  return Sighting::Detected;
}

std::string LoopState::loop_text(std::string_view client, std::string_view server) const {
  const std::lock_guard lock(mutex_);
  std::string text = "Loop (" + std::string(client) + " -> " + std::string(server) +
                     ") detected for zone \"" + dns::to_text(zone_.view()) +
                     "\", see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO ";
  return text + (detected_ ? dns::to_text(detected_->view()) : std::string()) + "\"";
}

std::string ended_text(const dns::Name& zone) {
  return "Loop for zone \"" + dns::to_text(zone.view()) +
         "\" has ended: two probes in a row did not come back, forwarding goes on";
}

}  // namespace fairlead::plugins::loop
