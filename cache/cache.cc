#include "cache/cache.h"

#include <algorithm>
#include <array>
#include <bit>

#include "cache/classify.h"
#include "cache/entry.h"
#include "cache/message.h"
#include "cache/shard.h"
#include "dns/render.h"
#include "dns/siphash.h"
#include "net/random.h"

namespace fairlead::cache {
namespace {

using dns::RrType;
using dns::Section;
using std::chrono::seconds;

constexpr size_t kLeastCapacity = 1024;
constexpr size_t kBytesPerEntry = 2048;
constexpr size_t kLeastShards = 16;
constexpr size_t kMostShards = 256;
constexpr size_t kEntriesPerShard = 1024;
constexpr Now kRefreshPause = seconds(5);

// What a thread needs beside its caller's buffers. Made on first use: most threads never ask.
struct Scratch {
  std::array<uint8_t, kMaxMessage> message;
  std::vector<TtlPosition> positions;
  dns::Answer answer;
};

Scratch& scratch() {
  static thread_local const auto mine = std::make_unique<Scratch>();
  return *mine;
}

size_t shard_count(const Settings& settings) {
  const size_t largest = std::max(settings.success.capacity, settings.denial.capacity);
  return std::clamp(std::bit_ceil(largest / kEntriesPerShard), kLeastShards, kMostShards);
}

// A shard's part of what the class may have; what does not divide goes to the first.
Queue::Limits part_of(const ClassSettings& settings, size_t index, size_t count) {
  const size_t capacity = std::max(settings.capacity, kLeastCapacity);
  const size_t bytes = settings.max_bytes != 0 ? settings.max_bytes : capacity * kBytesPerEntry;
  return {capacity / count + (index < capacity % count ? 1 : 0), bytes / count};
}

uint32_t whole_seconds(Now since, Now now) {
  const int64_t count = std::chrono::duration_cast<seconds>(now - since).count();
  return static_cast<uint32_t>(std::clamp<int64_t>(count, 0, UINT32_MAX));
}

// Whether an entry says something about the name that is worth more than an error.
bool may_be_served(const Entry* entry, Now now) {
  return entry != nullptr && !entry->failure && now < entry->dies;
}

}  // namespace

struct Cache::Impl {
  explicit Impl(Settings given) : settings(std::move(given)) {
    const size_t count = shard_count(settings);
    for (size_t i = 0; i < count; ++i) {
      shards.push_back(std::make_unique<Shard>(part_of(settings.success, i, count),
                                               part_of(settings.denial, i, count)));
    }
  }

  // Where a question's entries are: its own and, in the same shard, the name's NXDOMAIN.
  struct Spot {
    Key key;
    Key gone;
    uint64_t name_hash = 0;
    Shard* shard = nullptr;
  };
  struct Held {
    Entry* own = nullptr;
    Entry* gone = nullptr;
    Entry* best = nullptr;  // the one that counts
  };

  [[nodiscard]] Spot spot(const dns::Query& query) const;
  [[nodiscard]] Held look_up(const Spot& spot, Now now) const;
  [[nodiscard]] static bool is_known_to_exist(const Spot& spot, Now now);
  static void correct(const Spot& at, Now now, dns::Answer& answer);
  Found judge(Entry& entry, Now now) const;
  bool due_for_prefetch(Entry& entry, Now now) const;
  void copy_out(const Entry& entry, Now now, std::span<uint8_t> out) const;
  [[nodiscard]] bool outvoted(const Held& held, Category category, const dns::Answer& answer,
                              Now now) const;
  [[nodiscard]] EntryPtr make(const Spot& at, const dns::Query& query, Category category,
                              const dns::Answer& answer) const;

  void set_times(Entry& entry, Now now, uint32_t ttl) const;
  void keep_quiet(Entry& entry, Now now) const;
  static void drop_outdated(const Spot& at, const Held& held, Category category, bool replaced);

  // True when `held` has a success that a denial must not push aside.
  [[nodiscard]] bool prefers_own(const Held& held, Now now) const {
    return settings.stale.enabled && settings.stale.prefer_positive && held.own != nullptr &&
           held.own->answers && now < held.own->dies;
  }

  const Settings settings;
  net::Random random;
  const dns::HashKey hash_key{random.u64(), random.u64()};
  std::vector<std::unique_ptr<Shard>> shards;
};

namespace {

// Some servers say NXDOMAIN when a name lacks the type, AAAA above all (RFC 4074 §4.2): what they
// say of another type is no reason not to ask for A.
bool is_a(const Key& key) {
  return key.type == static_cast<uint16_t>(RrType::A);
}

// One hash for the shard, which all entries of a name share, spread by the rest of the key for the
// place in it (the finalizer of MurmurHash3; a stranger does not know what goes in).
uint64_t spread(uint64_t name_hash, const Key& key) {
  uint64_t z = name_hash + (static_cast<uint64_t>(key.type) << 2 | (key.dnssec_ok ? 2U : 0U) |
                            (key.checking_disabled ? 1U : 0U)) *
                               0x9e3779b97f4a7c15;
  z = (z ^ (z >> 33)) * 0xff51afd7ed558ccd;
  z = (z ^ (z >> 33)) * 0xc4ceb9fe1a85ec53;
  return z ^ (z >> 33);
}

}  // namespace

Cache::Impl::Spot Cache::Impl::spot(const dns::Query& query) const {
  const dns::NameView name = query.lower_qname.view();
  const uint64_t hash = dns::siphash(hash_key, name);
  Spot spot;
  spot.name_hash = hash;
  spot.key = {0, name, static_cast<uint16_t>(query.qtype), query.has_edns && query.edns.dnssec_ok,
              query.checking_disabled};
  spot.gone = spot.key;
  spot.gone.type = 0;
  spot.key.hash = spread(hash, spot.key);
  spot.gone.hash = spread(hash, spot.gone);
  spot.shard = shards[(hash >> 32) & (shards.size() - 1)].get();
  return spot;
}

Cache::Impl::Held Cache::Impl::look_up(const Spot& spot, Now now) const {
  Held held{.own = spot.shard->find(spot.key), .gone = spot.shard->find(spot.gone)};
  held.best = held.own;
  if (held.gone == nullptr || (is_a(spot.key) && !held.gone->of_a)) return held;
  if (held.own == nullptr) {
    held.best = held.gone;
    return held;
  }
  if (held.own->answers && now < held.own->expires()) return held;
  // An NXDOMAIN that came first would have been dropped when the other came.
  if (held.gone->stored >= held.own->stored && !prefers_own(held, now)) held.best = held.gone;
  return held;
}

// Another type of the name has an answer that is still true.
bool Cache::Impl::is_known_to_exist(const Spot& spot, Now now) {
  constexpr RrType kUsual[] = {RrType::A,   RrType::Aaaa, RrType::Https, RrType::Txt, RrType::Srv,
                               RrType::Ptr, RrType::Mx,   RrType::Ns,    RrType::Soa};
  return std::ranges::any_of(kUsual, [&](RrType type) {
    Key key = spot.key;
    if (key.type == static_cast<uint16_t>(type)) return false;
    key.type = static_cast<uint16_t>(type);
    key.hash = spread(spot.name_hash, key);
    const Entry* const entry = spot.shard->find(key);
    return entry != nullptr && entry->answers && now < entry->expires();
  });
}

// An NXDOMAIN that another type of the name proves wrong is NODATA: there are clients that give a
// name up when one of their two questions gets NXDOMAIN. Not for who asks for proofs.
void Cache::Impl::correct(const Spot& at, Now now, dns::Answer& answer) {
  const bool denied = answer.rcode == dns::Rcode::NxDomain && answer.count(Section::Answer) == 0;
  if (!denied || at.key.dnssec_ok) return;
  const std::lock_guard lock(at.shard->mutex);
  if (is_known_to_exist(at, now)) answer.rcode = dns::Rcode::NoError;
}

// CoreDNS's rule: hits without a gap, then a share of the time left, in whole seconds.
bool Cache::Impl::due_for_prefetch(Entry& entry, Now now) const {
  if (settings.prefetch.amount == 0 || entry.failure) return false;
  entry.hits = now - entry.last_hit > settings.prefetch.within ? 1 : entry.hits + 1;
  entry.last_hit = now;
  const uint32_t left = entry.ttl - std::min(entry.ttl, whole_seconds(entry.stored, now));
  const uint64_t share = static_cast<uint64_t>(entry.ttl) * settings.prefetch.percentage;
  return entry.hits >= settings.prefetch.amount && left <= (share + 99) / 100 &&
         entry.quiet_until <= now;
}

Found Cache::Impl::judge(Entry& entry, Now now) const {
  if (now >= entry.dies) return {};
  Found found{.state = Found::State::Fresh, .kind = entry.kind, .rcode = entry.rcode};
  entry.visited = true;
  found.stale = now >= entry.expires();
  if (!found.stale) {
    found.prefetch = due_for_prefetch(entry, now);
    if (!found.prefetch) return found;
  } else if (entry.quiet_until > now) {
    return found;
  } else if (settings.stale.verify) {
    found.state = Found::State::Verify;
    return found;
  }
  found.state = Found::State::Refresh;
  entry.quiet_until = now + std::max(kRefreshPause, Now(settings.stale.recheck));
  return found;
}

void Cache::Impl::copy_out(const Entry& entry, Now now, std::span<uint8_t> out) const {
  const std::span<const uint8_t> message = entry.message();
  std::ranges::copy(message, out.begin());
  if (now >= entry.expires()) {
    set_ttls(out, entry.positions(), static_cast<uint32_t>(settings.stale.response_ttl.count()));
  } else if (!settings.keep_ttl) {
    count_down(out, entry.positions(), whole_seconds(entry.stored, now));
  }
}

bool Cache::Impl::outvoted(const Held& held, Category category, const dns::Answer& answer,
                           Now now) const {
  if (answer.truncated || category == Category::Success) return false;
  if (prefers_own(held, now)) return true;
  const bool error = answer.rcode != dns::Rcode::NoError && answer.rcode != dns::Rcode::NxDomain;
  return error && may_be_served(held.best, now);
}

// An answer about the name outdates what was known of it, even when it is not kept itself.
void Cache::Impl::drop_outdated(const Spot& at, const Held& held, Category category,
                                bool replaced) {
  if (category == Category::Other || category == Category::Failure) return;
  const bool gone = category == Category::NameGone;
  if (held.gone != nullptr && !(gone && replaced)) at.shard->erase(*held.gone);
  if (held.own != nullptr && (gone || !replaced)) at.shard->erase(*held.own);
}

void Cache::Impl::set_times(Entry& entry, Now now, uint32_t ttl) const {
  entry.stored = now;
  entry.ttl = ttl;
  entry.dies = entry.expires();
  if (settings.stale.enabled && !entry.failure) entry.dies += Now(settings.stale.up_to);
}

void Cache::Impl::keep_quiet(Entry& entry, Now now) const {
  entry.quiet_until = std::max(entry.quiet_until, now + Now(settings.stale.recheck));
}

EntryPtr Cache::Impl::make(const Spot& at, const dns::Query& query, Category category,
                           const dns::Answer& answer) const {
  Scratch& mine = scratch();
  const size_t size = write_message(query, answer, mine.message);
  if (size == 0) return nullptr;
  const auto message = std::span(mine.message).first(size);
  find_ttls(message, mine.positions);
  EntryPtr entry =
      make_entry(category == Category::NameGone ? at.gone : at.key, message, mine.positions);
  if (entry == nullptr) return nullptr;
  entry->rcode = answer.rcode;
  entry->kind = kind_of(category);
  entry->failure = category == Category::Failure;
  entry->answers = category == Category::Success;
  entry->of_a = is_a(at.key);
  return entry;
}

Cache::Cache(Settings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
Cache::~Cache() = default;

const Settings& Cache::settings() const {
  return impl_->settings;
}

bool Cache::covers(const dns::Query& query) const {
  return dns::is_at_or_below_any(query.lower_qname.view(), impl_->settings.zones);
}

Found Cache::find(const dns::Query& query, Now now, uint64_t shuffle, std::span<uint8_t> out) {
  const Impl::Spot at = impl_->spot(query);
  const size_t limit = std::min(out.size(), reply_limit(query));
  Found found;
  std::span<uint8_t> target = out;
  {
    const std::lock_guard lock(at.shard->mutex);
    Entry* entry = impl_->look_up(at, now).best;
    if (entry == nullptr) return found;
    found = impl_->judge(*entry, now);
    if (found.state == Found::State::Miss || found.state == Found::State::Verify) return found;
    found.size = entry->message().size();
    if (found.size + opt_size(query) > limit) target = scratch().message;
    impl_->copy_out(*entry, now, target);
    if (shuffle != 0) shuffle_addresses(target, entry->positions(), shuffle);
  }
  if (target.data() == out.data()) {
    found.size = readdress(query, found.rcode, found.size, out);
    return found;
  }
  dns::Answer& answer = scratch().answer;
  read_message(target.first(found.size), answer);
  answer.rcode = found.rcode;
  answer.authentic_data = answer.authentic_data && understands_ad(query);
  found.size = render(query, answer, out);
  return found;
}

Found Cache::read(const dns::Query& query, Now now, dns::Answer& answer) {
  const Impl::Spot at = impl_->spot(query);
  Scratch& mine = scratch();
  Found found;
  {
    const std::lock_guard lock(at.shard->mutex);
    Entry* entry = impl_->look_up(at, now).best;
    if (entry == nullptr) return found;
    found = impl_->judge(*entry, now);
    if (found.state == Found::State::Miss || found.state == Found::State::Verify) return found;
    found.size = entry->message().size();
    impl_->copy_out(*entry, now, mine.message);
  }
  read_message(std::span(mine.message).first(found.size), answer);
  answer.rcode = found.rcode;
  return found;
}

bool Cache::serve_stale(const dns::Query& query, Now now, dns::Answer& answer, bool* stale) {
  const Impl::Spot at = impl_->spot(query);
  Scratch& mine = scratch();
  size_t size = 0;
  dns::Rcode rcode{};
  {
    const std::lock_guard lock(at.shard->mutex);
    Entry* entry = impl_->look_up(at, now).best;
    if (!may_be_served(entry, now)) return false;
    impl_->keep_quiet(*entry, now);
    size = entry->message().size();
    rcode = entry->rcode;
    if (stale != nullptr) *stale = now >= entry->expires();
    impl_->copy_out(*entry, now, mine.message);
  }
  read_message(std::span(mine.message).first(size), answer);
  answer.rcode = rcode;
  return true;
}

StoreResult Cache::store(const dns::Query& query, Now now, dns::Answer& answer) {
  const Settings& settings = impl_->settings;
  if (!covers(query)) return StoreResult::Disabled;
  const Impl::Spot at = impl_->spot(query);
  Impl::correct(at, now, answer);
  const Category category = classify(query.qtype, answer);
  const uint32_t ttl = settle_ttls(settings, category, answer);
  const ClassSettings& limits =
      kind_of(category) == Kind::Success ? settings.success : settings.denial;
  const bool disabled = dns::is_at_or_below_any(query.lower_qname.view(), limits.disabled_zones);
  EntryPtr entry;
  if (category != Category::Other && ttl != 0 && !disabled) {
    entry = impl_->make(at, query, category, answer);
  }
  if (entry != nullptr) impl_->set_times(*entry, now, ttl);
  const std::lock_guard lock(at.shard->mutex);
  const Impl::Held held = impl_->look_up(at, now);
  if (impl_->outvoted(held, category, answer, now)) {
    impl_->keep_quiet(*held.best, now);
    return StoreResult::Outvoted;
  }
  Impl::drop_outdated(at, held, category, entry != nullptr);
  if (entry != nullptr && at.shard->insert(std::move(entry), now)) return StoreResult::Kept;
  return disabled ? StoreResult::Disabled : StoreResult::NotCacheable;
}

void Cache::limit_ttls(const dns::Query& query, dns::Answer& answer) const {
  settle_ttls(impl_->settings, classify(query.qtype, answer), answer);
}

Totals Cache::totals() const {
  Totals totals;
  for (const auto& shard : impl_->shards) {
    const std::lock_guard lock(shard->mutex);
    totals.success_entries += shard->queue(Kind::Success).count();
    totals.denial_entries += shard->queue(Kind::Denial).count();
    totals.success_evictions += shard->evictions(Kind::Success);
    totals.denial_evictions += shard->evictions(Kind::Denial);
    totals.bytes += shard->bytes();
  }
  return totals;
}

}  // namespace fairlead::cache
