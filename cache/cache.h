// Answers with an expiry, shared by all workers. CoreDNS's cache plugin is the model of the
// options; each RRset keeps a TTL of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"

namespace fairlead::cache {

/// Any monotonic point in time, in nanoseconds (CLOCK_MONOTONIC). Wall clock jumps do not matter.
using Now = std::chrono::nanoseconds;

struct ClassSettings {
  size_t capacity = 9984;  // entries; at least 1024, as CoreDNS has it
  size_t max_bytes = 0;    // of entries; 0: 2 KiB for each of capacity
  std::chrono::seconds max_ttl{3600};
  std::chrono::seconds min_ttl{5};
  std::vector<dns::Name> disabled_zones;  // lower case; names at or below are not kept

  friend bool operator==(const ClassSettings&, const ClassSettings&) = default;
};

struct StaleSettings {
  bool enabled = false;
  bool verify = false;                                     // ask upstream first, then serve stale
  std::chrono::nanoseconds up_to = std::chrono::hours(1);  // after expiry
  std::chrono::nanoseconds verify_timeout{};               // zero: as long as the upstream takes
  std::chrono::seconds response_ttl{};                     // TTL of a stale answer
  std::chrono::nanoseconds recheck{};  // after a failed refresh: not again before this
  bool prefer_positive = false;        // serve_stale_policy prefer_positive

  friend bool operator==(const StaleSettings&, const StaleSettings&) = default;
};

/// A name with `amount` hits, no two further apart than `within`, is asked again when at most
/// `percentage` of its TTL is left.
struct PrefetchSettings {
  uint32_t amount = 0;  // 0: never
  std::chrono::nanoseconds within = std::chrono::minutes(1);
  uint32_t percentage = 10;

  friend bool operator==(const PrefetchSettings&, const PrefetchSettings&) = default;
};

struct Settings {
  std::vector<dns::Name> zones;  // lower case; only names at or below one are looked up or kept
  ClassSettings success;
  ClassSettings denial{.max_ttl = std::chrono::seconds(1800)};
  std::chrono::seconds servfail_ttl{5};  // of SERVFAIL and NOTIMP; 0: not kept
  bool keep_ttl = false;                 // a hit shows the whole TTL, not what is left
  StaleSettings stale;
  PrefetchSettings prefetch;

  friend bool operator==(const Settings&, const Settings&) = default;
};

enum class Kind : uint8_t { Success, Denial };

/// What the cache has for a question.
struct Found {
  enum class State : uint8_t {
    Miss,     // ask upstream
    Fresh,    // serve it; a stale one while a refresh is under way or has just failed
    Refresh,  // serve it, and ask upstream for the next: prefetch, or stale without verify
    Verify,   // stale: ask upstream first, serve this when that fails or takes too long
  };
  State state = State::Miss;
  Kind kind = Kind::Success;
  bool stale = false;
  bool prefetch = false;  // Refresh because of `prefetch`
  dns::Rcode rcode = dns::Rcode::NoError;
  size_t size = 0;  // octets of the reply; see find()
};

/// What became of an answer that was to be kept.
enum class StoreResult : uint8_t {
  Kept,
  NotCacheable,
  Disabled,
  Outvoted,  // not kept: the cache has a better one, which serve_stale() gives
};

struct Totals {
  uint64_t success_entries = 0, denial_entries = 0;  // the expired that still lie there included
  uint64_t success_evictions = 0, denial_evictions = 0;  // of entries that could still be used
  uint64_t bytes = 0;                                    // of heap: all entries and tables
};

/// Thread safe; every call takes at most one shard's lock for a short time.
class Cache {
 public:
  explicit Cache(Settings settings);
  ~Cache();
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  [[nodiscard]] const Settings& settings() const;

  /// True when the cache's zones hold the query's name (class IN is taken for granted).
  [[nodiscard]] bool covers(const dns::Query& query) const;

  /// Looks `query` up (lower_qname, qtype, DO, CD; an NXDOMAIN is found for every type, but one of
  /// another type not for A) and, unless it is a miss, writes the whole reply to `query` into `out`
  /// in the same step: id, flags and question of the query, TTLs as they are now, AD only for a
  /// client that set DO or AD, OPT when the query has one, TC when it does not fit. `out` as for
  /// dns::render(). `shuffle` (0: none) is a random number that gives the addresses of each RRset a
  /// new order (loadbalance). For Verify nothing is written: serve_stale() gives it when it is
  /// needed. Of the callers that find an entry due for a refresh only one is told Refresh, until
  /// store() or for 5 s (`recheck`, if longer). Allocates nothing once a thread's buffers are
  /// there.
  Found find(const dns::Query& query, Now now, uint64_t shuffle, std::span<uint8_t> out);

  /// As find(), but gives the reply as a value, for callers that go on with it. On a miss and for
  /// Verify `answer` is left alone.
  Found read(const dns::Query& query, Now now, dns::Answer& answer);

  /// The entry of a Verify, as a value, however old it is within `up_to`. False when it is gone, or
  /// is no more than a SERVFAIL or NOTIMP. `stale`, unless null, says whether it has expired.
  /// Tells the cache that the refresh failed, so that for `recheck` it is served without asking.
  bool serve_stale(const dns::Query& query, Now now, dns::Answer& answer, bool* stale = nullptr);

  /// Keeps `answer`, an upstream's reply to `query`, and changes its TTLs in place to what the
  /// client is to be told: clamped per class, each RRset its own; 0 stays 0. Not kept: TC, REFUSED
  /// and other errors but SERVFAIL and NOTIMP, negatives without SOA, an RRset with TTL 0, a chain
  /// that does not end in the qtype without SOA, meta types, what is larger than 32 KiB or a 64th
  /// of the class's bytes. The newer of a success and a denial replaces the other, also when it is
  /// not kept itself; an NXDOMAIN stands for every type of the name (one of another type not for A)
  /// until something newer says that the name is there, and lets answers of other types live; while
  /// one of those is fresh an NXDOMAIN becomes NODATA (but with DO). But an rcode other than
  /// NOERROR and NXDOMAIN never replaces an answer that is fresh or may be served stale, and with
  /// prefer_positive only a success replaces such a success: Outvoted.
  StoreResult store(const dns::Query& query, Now now, dns::Answer& answer);
  void limit_ttls(const dns::Query& query, dns::Answer& answer) const;  ///< the same, not kept
  [[nodiscard]] Totals totals() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::cache
