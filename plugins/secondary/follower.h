// A copy of a zone that another server has, and how it follows that one (RFC 1034 §4.3.5, 1996).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dns/address.h"
#include "dns/name.h"
#include "net/asio.h"
#include "net/random.h"
#include "plugins/secondary/conversation.h"
#include "plugins/secondary/edns_memory.h"
#include "plugins/secondary/expiry.h"
#include "plugins/secondary/kept_copy.h"
#include "plugins/secondary/primary.h"
#include "plugins/secondary/told_serial.h"
#include "plugins/secondary/tools.h"
#include "plugins/secondary/zone_log.h"
#include "plugins/signed_with.h"
#include "records/incoming_zone.h"
#include "records/lifetime.h"
#include "records/zone.h"
#include "signing/tsig_asking.h"

namespace fairlead::plugins::secondary {

/// One for all blocks that have this zone from these servers, kept over reloads. Made by
/// make_shared; used and destroyed by the control thread.
class Follower : public std::enable_shared_from_this<Follower> {
 public:
  struct Options {
    dns::Name origin;     // lower-cased
    Primaries primaries;  // asked in this order; at least one
    std::optional<SignedWith> signed_with;
    std::string kept_at = {};  // the file that has the copy; empty: none. Needs a store
    bool is_catalog = false;   // what is none (RFC 9432) is not copied
    std::shared_ptr<const PrimaryTls> encrypted = nullptr;  // null: no primary has TLS

    friend bool operator==(const Options&, const Options&) = default;
  };
  struct Counts {
    uint64_t transfers = 0;
    uint64_t failures = 0;  // of checks and transfers, each server by itself
    uint64_t notifies = 0;
  };

  Follower(Tools tools, Options options);

  /// Begins with a copy that another follower of the zone had, or a restart found.
  void start(KnownCopy known);

  /// Somebody says that the zone has changed. While it is looked at, the next look follows; there
  /// are three at once, then one a second at most.
  void notified(const dns::IpAddress& from);

  [[nodiscard]] const Options& options() const { return options_; }
  /// The last copy that was whole, expired or not; null: there was none.
  [[nodiscard]] const std::shared_ptr<const records::Zone>& copy() const { return copy_; }
  [[nodiscard]] KnownCopy known() const;
  [[nodiscard]] records::Epoch epoch() const { return epoch_; }               // of the copy
  [[nodiscard]] const records::Cluster& cluster() const { return cluster_; }  // likewise
  /// No server has been heard of for as long as the zone's SOA allows, or as a server has said.
  [[nodiscard]] bool expired() const { return expired_; }
  /// How much longer the copy is served.
  [[nodiscard]] std::shared_ptr<const records::Lifetime> lifetime() const { return lifetime_; }
  /// When a server last said that the copy is the zone, in seconds since 1970; 0: never.
  [[nodiscard]] double good_at() const { return good_at_; }
  [[nodiscard]] const Counts& counts() const { return counts_; }

  /// `changed` is called when there is another copy, and when it expires or does no longer, as long
  /// as `who` lives.
  void on_change(const std::weak_ptr<void>& who, std::function<void()> changed);

 private:
  enum class Doing : uint8_t { Nothing, Checking, Copying };
  struct Listener {
    std::weak_ptr<void> who;
    std::function<void()> changed;
  };

  void look(size_t first);
  void begin(Doing what, size_t first);
  void ask();
  [[nodiscard]] std::vector<uint8_t> edns_options() const;
  bool take(std::span<const uint8_t> message, uint16_t id);
  [[nodiscard]] std::string reply_error();
  void conclude(const std::string& error, bool connected);
  void answered(const std::string& error, bool connected);
  [[nodiscard]] bool ask_without_edns(const std::string& error, bool connected);
  void ask_for_all(const std::string& error);
  void checked();
  void unchanged();
  void copied(std::shared_ptr<const records::Zone> zone);
  void failed(const std::string& error, bool connected);
  void all_failed(const std::string& error);
  void good();
  void end_at(net::Clock::time_point end);
  void keep() const;
  void end_look(std::chrono::nanoseconds pause);
  void rest(std::chrono::nanoseconds pause);
  void tell();
  [[nodiscard]] size_t server() const;
  [[nodiscard]] const Primary& primary() const;
  [[nodiscard]] std::chrono::nanoseconds jittered(uint32_t seconds, uint32_t jitter);
  [[nodiscard]] bool follows_back();

  const Tools tools_;
  const Options options_;
  ZoneLog log_;
  net::Random random_;
  net::Timer timer_;  // for the next look
  net::Timer expiry_;
  std::vector<Listener> listeners_;

  std::shared_ptr<const records::Zone> copy_;
  records::Epoch epoch_;
  records::Cluster cluster_;
  size_t home_ = 0;  // whom a look begins with, unless another has said that there is news
  bool expired_ = false;
  double good_at_ = 0;
  net::Clock::time_point end_;                         // of the copy
  const std::shared_ptr<records::Lifetime> lifetime_;  // the same
  Counts counts_;

  Doing doing_ = Doing::Nothing;
  bool again_ = false;    // somebody said that there is news, meanwhile
  size_t first_ = 0;      // whom this look began with
  size_t tried_ = 0;      // servers
  ToldSerial told_;       // by checks
  bool changes_ = false;  // these are asked for, in place of the whole zone
  std::string wrong_;     // with the reply; empty: nothing
  Term term_;
  std::vector<EdnsMemory> edns_;    // of each server
  std::chrono::nanoseconds pause_;  // after the next failure, as long as nothing can be served
  net::Clock::time_point free_at_;  // when somebody may ask for the next look
  std::unique_ptr<Turns::Turn> turn_;
  std::shared_ptr<Conversation> conversation_;
  std::unique_ptr<records::IncomingZone> incoming_;
  std::unique_ptr<signing::TsigAsking> asking_;  // null: nothing is signed
};

}  // namespace fairlead::plugins::secondary
