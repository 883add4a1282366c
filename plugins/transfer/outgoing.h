// A zone, or changes to it, on the way to a client (RFC 5936 §2.2, RFC 1995 §4), and how many of
// them may be.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dns/answer.h"
#include "dns/compact_zone.h"
#include "dns/name.h"
#include "net/log.h"
#include "query/messages.h"
#include "query/zone_listing.h"

namespace fairlead::plugins::transfer {

/// How many transfers go on in this process: each holds its version of a zone in memory for as long
/// as its client takes. Any thread.
class Slots {
 public:
  static constexpr uint32_t kMost = 16;

  /// One of them, given back by its destructor. `slots` must outlive it.
  class Slot {
   public:
    explicit Slot(Slots& slots) : slots_(slots) {}
    ~Slot() { slots_.used_.fetch_sub(1, std::memory_order_relaxed); }
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

   private:
    Slots& slots_;
  };
  /// Null when all are taken.
  std::unique_ptr<Slot> take();
  [[nodiscard]] uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

  /// What a reply has.
  enum class Kind : uint8_t { Axfr, Ixfr, Soa };
  void begin(Kind kind) { begun_[static_cast<size_t>(kind)].fetch_add(1); }
  [[nodiscard]] uint64_t begun(Kind kind) const { return begun_[static_cast<size_t>(kind)].load(); }

 private:
  std::atomic<uint32_t> used_ = 0;
  std::array<std::atomic<uint64_t>, 3> begun_{};  // by kind
  std::atomic<uint64_t> refused_ = 0;
};

/// What is sent.
struct Sent {
  std::unique_ptr<query::ListedZone> zone;
  std::unique_ptr<query::Listing> changes;  // that lead there from `from`; null: all of the zone
  uint32_t from = 0;
  bool compact = false;                // in the form that a cluster's zone may have
  std::optional<uint64_t> epoch = {};  // that the client is told, with the first message
  bool expire = false;                 // so is how long the zone lasts (dns/expire.h)

  /// What the reply begins with: the SOA record, and what else the client is told.
  void add_first(dns::Answer& answer) const;

  [[nodiscard]] query::Listing& listing() const { return changes ? *changes : *zone; }
};

/// What is sent between the first SOA record and the last, as the client takes it.
class Between {
 public:
  /// `sent` must outlive it.
  explicit Between(const Sent& sent);

  /// Makes `some` the next few, whatever it was; false when there are none left.
  bool next(dns::Answer& some);
  /// How many records of the zone that was, of all calls.
  [[nodiscard]] size_t count() const { return count_; }

 private:
  const Sent& sent_;
  const bool hides_;  // records of the compact form
  dns::Name apex_;
  dns::Answer plain_;
  size_t count_ = 0;
};

/// What the log says of it, and where.
struct Telling {
  net::LogSink& log;
  std::string zone;
  std::string client;

  /// So many records have been said, both SOA records included.
  void sent(const Sent& sent, size_t records) const;
  /// It cannot be said: the end of a sentence.
  void failed(const std::string& why) const;
};

/// SOA, everything else, SOA.
class Outgoing final : public query::Messages {
 public:
  /// `slots` and the log outlive it.
  Outgoing(Sent sent, std::shared_ptr<Slots> slots, std::unique_ptr<Slots::Slot> slot,
           Telling telling);

  bool next(dns::Answer& answer) override;

 private:
  enum class Stage : uint8_t { First, Between, Last, Ended };

  bool fill(dns::Answer& answer);
  void end(dns::Answer& answer);

  const Sent sent_;
  Between between_;
  const std::shared_ptr<Slots> slots_;
  const std::unique_ptr<Slots::Slot> slot_;
  const Telling telling_;
  Stage stage_ = Stage::First;
  dns::Answer some_;  // what is next, from at_ on
  size_t at_ = 0;
  size_t octets_ = 0;  // of the message at hand
};

}  // namespace fairlead::plugins::transfer
