#include "forward/upstream.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace fairlead::forward {
namespace {

using std::chrono::milliseconds;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr int64_t kAllLost = 1 << 16;
constexpr int64_t kWeight = 8;        // of what was known before against one sample
constexpr uint64_t kSampleEvery = 4;  // replies; what is shared is not written by each of them
constexpr nanoseconds kLossPrice = std::chrono::seconds(2);  // of a question that is always lost
constexpr nanoseconds kLeastPatience = milliseconds(50);
constexpr nanoseconds kMostPatience = milliseconds(390);   // a timer may be late
constexpr nanoseconds kFirstPatience = milliseconds(200);  // nothing is known yet
constexpr nanoseconds kWithoutEdns = std::chrono::minutes(5);
constexpr nanoseconds kPerhapsWithoutEdns = std::chrono::seconds(10);
constexpr nanoseconds kEdnsKnown = std::chrono::minutes(1);
constexpr int64_t kCoarse = 16'000'000;  // ns; last_reply_ is not written more often

int64_t ticks(Clock::time_point t) {
  return nanoseconds(t.time_since_epoch()).count();
}

std::string label(const UpstreamSettings& s) {
  const std::string text = s.address.to_text();
  const std::string port = std::to_string(s.port);
  if (!s.address.is_v6()) return text + ":" + port;
  return "[" + text + (s.scope.empty() ? "" : "%" + s.scope) + "]:" + port;
}

}  // namespace

Upstream::Upstream(UpstreamSettings settings, uint32_t max_fails, size_t workers,
                   HealthListener listener)
    : settings_(std::move(settings)),
      max_fails_(max_fails),
      to_(label(settings_)),
      slots_(workers),
      outage_(to_, std::move(listener)) {}

Upstream::~Upstream() {
  for (Slot& slot : slots_) {
    for (auto& durations : slot.durations) delete durations.load();
  }
}

bool Upstream::down() const {
  return max_fails_ != 0 && fails_.load(kRelaxed) > max_fails_;
}

void Upstream::set_suspect(bool suspect) {
  suspect_.store(suspect, kRelaxed);
}

void Upstream::note_failure(const Failure& failure) {
  if (last_reply_.load(kRelaxed) >= ticks(failure.since)) return;
  const uint32_t fails = fails_.load(kRelaxed);
  if (fails < UINT32_MAX) fails_.store(fails + 1, kRelaxed);
  if (down()) outage_.goes_on(failure.now, failure.why);
}

void Upstream::note_reply(Clock::time_point now) {
  if (ticks(now) - kCoarse > last_reply_.load(kRelaxed)) last_reply_.store(ticks(now), kRelaxed);
  if (fails_.load(kRelaxed) != 0) fails_.store(0, kRelaxed);
  if (suspect_.load(kRelaxed)) suspect_.store(false, kRelaxed);
  outage_.over(now);
}

void Upstream::note_latency(size_t worker, nanoseconds sample) {
  net::Counter& samples = slots_[worker].samples;
  samples.add();
  const int64_t known = latency_.load(kRelaxed);
  const int64_t loss = loss_.load(kRelaxed);
  if (known != 0 && loss == 0 && samples.value() % kSampleEvery != 0) return;
  if (loss != 0) loss_.store(loss - (loss + kWeight - 1) / kWeight, kRelaxed);
  const int64_t now = std::max<int64_t>(sample.count(), 1);
  if (known == 0) {
    latency_.store(now, kRelaxed);
    deviation_.store(now / 2, kRelaxed);
    return;
  }
  const int64_t deviation = deviation_.load(kRelaxed);
  deviation_.store(deviation + (std::abs(now - known) - deviation) / kWeight, kRelaxed);
  latency_.store(std::max<int64_t>(known + (now - known) / kWeight, 1), kRelaxed);
}

void Upstream::note_loss() {
  const int64_t loss = loss_.load(kRelaxed);
  loss_.store(loss + (kAllLost - loss) / kWeight, kRelaxed);
}

void Upstream::forgive_loss() {
  loss_.store(loss_.load(kRelaxed) / 2, kRelaxed);
}

nanoseconds Upstream::latency() const {
  return nanoseconds(latency_.load(kRelaxed));
}

nanoseconds Upstream::cost() const {
  return latency() + kLossPrice * loss_.load(kRelaxed) / kAllLost;
}

nanoseconds Upstream::patience() const {
  const nanoseconds known = latency();
  if (known == nanoseconds::zero()) return kFirstPatience;
  // The deviation keeps a resolver that answers some names from its cache and looks others up from
  // being asked twice for each of the latter.
  const nanoseconds wait = 3 * known + 4 * nanoseconds(deviation_.load(kRelaxed));
  return std::clamp(wait, kLeastPatience, kMostPatience);
}

bool Upstream::without_edns(Clock::time_point now) const {
  return ticks(now) < without_edns_.load(kRelaxed);
}

void Upstream::set_without_edns(Clock::time_point now) {
  without_edns_.store(ticks(now + kWithoutEdns), kRelaxed);
}

void Upstream::note_edns_reply(Clock::time_point now) {
  if (ticks(now) - kCoarse > edns_reply_.load(kRelaxed)) edns_reply_.store(ticks(now), kRelaxed);
  if (edns_silence_.load(kRelaxed)) edns_silence_.store(false, kRelaxed);
}

void Upstream::note_edns_silence(Clock::time_point now) {
  if (!may_drop_edns(now)) return;
  const bool again = edns_silence_.exchange(true, kRelaxed);
  without_edns_.store(ticks(now + (again ? kWithoutEdns : kPerhapsWithoutEdns)), kRelaxed);
}

bool Upstream::may_drop_edns(Clock::time_point now) const {
  return ticks(now - kEdnsKnown) > edns_reply_.load(kRelaxed);
}

void Upstream::count_reply(size_t worker, dns::Rcode rcode, nanoseconds duration) {
  auto& durations =
      slots_[worker].durations[std::min<size_t>(static_cast<size_t>(rcode), kRcodes - 1)];
  Durations* d = durations.load(kRelaxed);
  if (d == nullptr) {
    d = new Durations;
    durations.store(d, std::memory_order_release);
  }
  const auto ns = static_cast<uint64_t>(std::max<int64_t>(duration.count(), 1));
  d->count[net::duration_bucket(ns)].add();
  d->nanoseconds.add(ns);
}

void Upstream::count_ignored(size_t worker, dns::ResponseFault fault) {
  slots_[worker].ignored[static_cast<size_t>(fault)].add();
}

void Upstream::count_connection(size_t worker, Proto proto, bool reused) {
  Slot& slot = slots_[worker];
  (reused ? slot.hits : slot.misses)[static_cast<size_t>(proto)].add();
}

UpstreamTotals Upstream::totals() const {
  UpstreamTotals out;
  out.to = to_;
  out.down = down();
  out.outage = outage_.since();
  out.latency_nanoseconds = static_cast<uint64_t>(latency().count());
  std::array<UpstreamTotals::Requests, kRcodes> requests;
  std::array<uint64_t, kProtos> hits{}, misses{};
  for (const Slot& slot : slots_) {
    for (size_t r = 0; r < kRcodes; ++r) {
      const Durations* d = slot.durations[r].load(std::memory_order_acquire);
      if (d == nullptr) continue;
      for (size_t b = 0; b < d->count.size(); ++b) requests[r].count[b] += d->count[b].value();
      requests[r].nanoseconds += d->nanoseconds.value();
    }
    for (size_t p = 0; p < kProtos; ++p) hits[p] += slot.hits[p].value();
    for (size_t p = 0; p < kProtos; ++p) misses[p] += slot.misses[p].value();
    for (size_t f = 0; f < out.ignored.size(); ++f) out.ignored[f] += slot.ignored[f].value();
    out.retries += slot.retries.value();
    out.healthcheck_failures += slot.failed_probes.value();
  }
  for (size_t r = 0; r < kRcodes; ++r) {
    requests[r].rcode = static_cast<uint16_t>(r);
    if (requests[r].nanoseconds != 0) out.requests.push_back(requests[r]);
  }
  out.udp_cache_hits = hits[0], out.udp_cache_misses = misses[0];
  out.tcp_cache_hits = hits[1], out.tcp_cache_misses = misses[1];
  out.tls_cache_hits = hits[2], out.tls_cache_misses = misses[2];
  out.https_cache_hits = hits[3], out.https_cache_misses = misses[3];
  return out;
}

}  // namespace fairlead::forward
