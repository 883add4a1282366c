// The cache directive in a block's chain: in front of the first step that may wait.
#include "query/step.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "cache/cache.h"
#include "dns/edns_option.h"
#include "dns/render.h"
#include "net/clock.h"
#include "plugins/building.h"
#include "plugins/cache/counters.h"
#include "plugins/cache/setup.h"
#include "query/walk.h"

namespace fairlead::plugins::cache {
namespace {

namespace engine = fairlead::cache;
using query::Note;
using query::Turn;
using query::Walk;
using State = engine::Found::State;

constexpr uint16_t kStaleAnswer = 3;     // RFC 8914 §4.4
constexpr uint16_t kStaleNxdomain = 19;  // RFC 8914 §4.20

// What a reload keeps as long as the block says the same: answers of one block's upstreams are
// never seen by another block, nor after the upstreams have changed.
struct KeptCache {
  KeptCache(std::string text, engine::Settings settings)
      : identity(std::move(text)), cache(std::move(settings)) {}
  const std::string identity;
  engine::Cache cache;
  mutable std::atomic<uint64_t> version{0};
};

void tell_stale(dns::Answer& answer) {
  const bool denied = answer.rcode == dns::Rcode::NxDomain;
  answer.add_extended_error(denied ? kStaleNxdomain : kStaleAnswer, "");
}

bool tells_stale(const dns::Answer& answer) {
  const auto error = dns::find_option(answer.options(), dns::OptionCode::ExtendedError);
  if (!error || error->size() < 2) return false;
  const int code = (*error)[0] << 8 | (*error)[1];
  return code == kStaleAnswer || code == kStaleNxdomain;
}

class KeptAnswers final : public query::AnswerStore {
 public:
  explicit KeptAnswers(std::shared_ptr<KeptCache> kept) : kept_(std::move(kept)) {}

  // The TTLs become what the cache makes of them. What came without recursion may be a referral,
  // which is of no use to those who want it.
  void keep(const dns::Query& question, dns::Answer& answer) const override {
    if (question.qclass != dns::RrClass::In || !kept_->cache.covers(question)) return;
    if (!question.recursion_desired) return kept_->cache.limit_ttls(question, answer);
    const engine::Now now = net::cache_now();
    const auto result = kept_->cache.store(question, now, answer);
    if (result == engine::StoreResult::Outvoted) take_older(question, now, answer);
    kept_->version.fetch_add(1, std::memory_order_release);
  }
  bool find(const dns::Query& question, dns::Answer& answer) const override {
    if (question.qclass != dns::RrClass::In || !kept_->cache.covers(question)) return false;
    dns::Answer kept;  // one that is due for a refresh is read as well
    const engine::Found found = kept_->cache.read(question, net::cache_now(), kept);
    if (found.state != State::Fresh) return false;
    answer = std::move(kept);
    if (found.stale) tell_stale(answer);
    return true;
  }
  [[nodiscard]] uint64_t version() const override {
    return kept_->version.load(std::memory_order_acquire);
  }

 private:
  void take_older(const dns::Query& question, engine::Now now, dns::Answer& answer) const {
    dns::Answer older;
    bool stale = false;
    if (!kept_->cache.serve_stale(question, now, older, &stale)) return;
    answer = older;
    if (stale) tell_stale(answer);
  }

  const std::shared_ptr<KeptCache> kept_;
};

class Cached : public query::Step {
 public:
  Cached(std::shared_ptr<KeptCache> kept, size_t counters)
      : kept_(std::move(kept)), stale_(kept_->cache.settings().stale), counters_(counters) {}

  Turn ask(Walk& walk) const override {
    const dns::Query& question = walk.question();
    if (walk.alone || question.qclass != dns::RrClass::In || !kept_->cache.covers(question))
      return Turn::Pass;
    walk.store_seen = kept_->version.load(std::memory_order_acquire);
    const bool direct = walk.may_write();
    engine::Found found =
        direct ? kept_->cache.find(question, net::cache_now(), walk.arrange_seed(), walk.out())
               : kept_->cache.read(question, net::cache_now(), walk.answer());
    if (auto* const counters = counters_of(walk)) counters->count(found);
    if (found.state == State::Miss || found.state == State::Verify) return miss(walk, found.state);
    if (found.state == State::Refresh) walk.ask_again();
    if (direct && !(found.stale && question.has_edns)) return walk.wrote(found.size, found.rcode);
    if (direct) kept_->cache.read(question, net::cache_now(), walk.answer());
    hide_ad(walk);
    // Nobody was asked with the RD that a step in front (header) has made.
    walk.answer().recursion_desired = walk.received().recursion_desired;
    if (found.stale) tell_stale(walk.answer());
    return Turn::Done;
  }

  // What is stale is better than nothing.
  Turn see(Walk& walk, Note&) const override {
    const bool failed = walk.answer().rcode == dns::Rcode::ServFail;
    if (!(failed && serve_stale(walk)) && tells_stale(walk.answer())) count_stale(walk);
    return Turn::Done;
  }

  // The question goes on: its answer refreshes the cache.
  Turn late(Walk& walk, Note&) const override {
    return serve_stale(walk) ? Turn::Done : Turn::Wait;
  }

 private:
  [[nodiscard]] CacheCounters* counters_of(const Walk& walk) const {
    return counters_ == Building::kNotCounted ? nullptr : walk.counters<CacheCounters>(counters_);
  }

  Turn miss(Walk& walk, State state) const {
    if (!stale_.enabled) return Turn::Pass;
    const bool patient = state == State::Verify && stale_.verify_timeout.count() > 0;
    walk.see_me({},
                patient ? net::now_ns() + static_cast<uint64_t>(stale_.verify_timeout.count()) : 0);
    return Turn::Pass;
  }

  // Also tells the cache that the refresh failed.
  bool serve_stale(Walk& walk) const {
    dns::Answer older;
    if (!kept_->cache.serve_stale(walk.question(), net::cache_now(), older)) return false;
    walk.answer() = older;
    hide_ad(walk);
    walk.forget_failure();
    tell_stale(walk.answer());
    count_stale(walk);
    return true;
  }

  // As Cache::find() does it for a reply that it writes.
  static void hide_ad(Walk& walk) {
    if (!dns::understands_ad(walk.question())) walk.answer().authentic_data = false;
  }

  void count_stale(Walk& walk) const {
    auto* const counters = counters_of(walk);
    if (counters != nullptr && walk.has_client()) counters->served_stale.add();
  }

  const std::shared_ptr<KeptCache> kept_;
  const engine::StaleSettings stale_;
  const size_t counters_;
};

class Told : public query::Step {
 public:
  explicit Told(engine::Settings settings) : settings_(std::move(settings)) {}

  Turn ask(Walk& walk) const override {
    const dns::NameView name = walk.question().lower_qname.view();
    if (!dns::is_at_or_below_any(name, settings_.zones)) return Turn::Pass;
    const auto kept = [&](const engine::ClassSettings& of) {
      if (dns::is_at_or_below_any(name, of.disabled_zones)) return std::string("not at all");
      return "up to " + std::to_string(of.max_ttl.count()) + " s";
    };
    walk.telling()->tell("keeps answers " + kept(settings_.success) + ", denials " +
                         kept(settings_.denial));
    return Turn::Pass;
  }

 private:
  const engine::Settings settings_;
};

// The `zones` label of its metrics.
std::string zones_label(const std::vector<dns::Name>& zones) {
  std::string text;
  for (const dns::Name& zone : zones) text += (text.empty() ? "" : ",") + dns::to_text(zone.view());
  return text;
}

void collect_entries(const std::shared_ptr<KeptCache>& kept, const std::string& zones,
                     Building& building) {
  if (!building.is_counted()) return;
  for (const ServedKey& served : building.plan().keys) {
    for (const net::ListenAddress& address : served.addresses) {
      building.collect([kept, zones, server = served.server_label(address)](auto& families) {
        collect_totals(kept->cache.totals(), server, zones, families);
      });
    }
  }
}

TtlRanges ttl_ranges(const engine::Settings& settings, const dns::Name& zone) {
  if (!dns::is_at_or_below_any(zone.view(), settings.zones)) return {};
  const auto range = [&](const engine::ClassSettings& of) {
    if (dns::is_at_or_below_any(zone.view(), of.disabled_zones)) return TtlRange{};
    const auto longest = static_cast<uint32_t>(of.max_ttl.count());
    return TtlRange{std::min(static_cast<uint32_t>(of.min_ttl.count()), longest), longest};
  };
  return {.success = range(settings.success), .denial = range(settings.denial)};
}

void make_step(const engine::Settings& settings, const std::string& zones, Building& building) {
  building.limit_ttls([settings](const dns::Name& zone) { return ttl_ranges(settings, zone); });
  if (building.explaining() != nullptr)
    return building.step_before_waiting(std::make_unique<Told>(settings));
  const std::string& identity = building.plan().identity();
  const auto kept =
      building.keep<KeptCache>([&](const KeptCache& other) { return other.identity == identity; },
                               [&] { return std::make_shared<KeptCache>(identity, settings); });
  building.offer(std::make_shared<const KeptAnswers>(kept));
  const size_t counters = building.counters<CacheCounters>("cache", collect_counters, zones);
  building.step_before_waiting(std::make_unique<Cached>(kept, counters));
  collect_entries(kept, zones, building);
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([settings = parse(cursor, plan.context())](Building& building) {
    make_step(settings, zones_label(settings.zones), building);
  });
}

}  // namespace fairlead::plugins::cache
