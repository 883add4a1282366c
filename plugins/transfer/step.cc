// The transfer directive in a block's chain.
#include "query/step.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dns/extended_error.h"
#include "net/log.h"
#include "net/network_set.h"
#include "plugins/building.h"
#include "plugins/transfer/notices.h"
#include "plugins/transfer/outgoing.h"
#include "plugins/transfer/setup.h"
#include "query/walk.h"
#include "query/zone_listing.h"

namespace fairlead::plugins::transfer {
namespace {

using dns::Rcode;
using dns::RrType;
using query::Turn;
using query::Walk;
using Listers = std::vector<std::shared_ptr<const query::ZoneLister>>;

constexpr uint16_t kOther = 0;  // RFC 8914 §4.1

class Transfer final : public query::Step {
 public:
  Transfer(Rules rules, std::shared_ptr<Slots> slots, net::LogSink& log)
      : rules_(std::move(rules)), slots_(std::move(slots)), log_(log) {
    for (const Rule& rule : rules_) clients_.emplace_back(rule.clients);
  }

  /// Those of the block, in the order in which they are asked.
  void use(Listers listers) { listers_ = std::move(listers); }

  Turn ask(Walk& walk) const override {
    const dns::Query& query = walk.question();
    if (query.qtype != RrType::Axfr && query.qtype != RrType::Ixfr) return Turn::Pass;
    const Rule* const rule = rule_for(rules_, query.lower_qname.view());
    if (rule == nullptr) return Turn::Pass;
    const bool datagram = query.transport == dns::Transport::Udp;
    const bool changes = query.qtype == RrType::Ixfr;
    if (!may_have(*rule, walk.peers().client.address) || (datagram && !changes))
      return walk.fail(Rcode::Refused);
    if (changes && !query.has_soa) return walk.fail(Rcode::ServFail);
    for (const auto& lister : listers_) {
      query::ZoneLister::Found found = lister->find(walk, query.lower_qname.view());
      if (found.is_zone) return say(walk, std::move(found.zone));
    }
    return Turn::Pass;
  }

 private:
  [[nodiscard]] bool may_have(const Rule& rule, const dns::IpAddress& client) const {
    return rule.everyone || clients_[static_cast<size_t>(&rule - rules_.data())].contains(client);
  }

  static Turn fail_with(Walk& walk, uint16_t code, std::string_view why) {
    const Turn turn = walk.fail(Rcode::ServFail);
    walk.answer().add_extended_error(code, why);
    return turn;
  }

  Turn say(Walk& walk, std::unique_ptr<query::ListedZone> zone) const {
    if (!zone) return fail_with(walk, dns::kNotReady, "the zone has not been read yet");
    const dns::Query& query = walk.question();
    const bool datagram = query.transport == dns::Transport::Udp;
    const bool current = query.qtype == RrType::Ixfr && query.soa_serial == zone->serial();
    // Over UDP the client learns that there is a newer one, and comes back (RFC 1995 §2).
    if (current || datagram) return say_soa(walk, *zone);
    auto slot = slots_->take();
    if (!slot || !walk.can_send_many())
      return fail_with(walk, kOther, "too many transfers at once");
    return walk.send_many(std::make_unique<Outgoing>(
        std::move(zone), slots_, std::move(slot),
        Outgoing::Telling{log_, dns::to_text(query.qname), walk.peers().client.address.to_text()}));
  }

  Turn say_soa(Walk& walk, const query::ListedZone& zone) const {
    walk.answer().authoritative = true;
    zone.add_soa(walk.answer());
    log_.write(net::LogLevel::Info, "transfer",
               "Outgoing noop, incremental transfer for up to date zone \"" +
                   dns::to_text(walk.question().qname) + "\" to " +
                   walk.peers().client.address.to_text() + " for " + std::to_string(zone.serial()) +
                   " SOA serial");
    return Turn::Done;
  }

  const Rules rules_;
  std::vector<net::NetworkSet> clients_;  // of each rule
  const std::shared_ptr<Slots> slots_;
  net::LogSink& log_;
  Listers listers_;
};

void collect_counts(const Slots& slots, metrics::FamilySet& families) {
  families.counter({"fairlead_transfers_total", "Zone transfers that were begun.", {}})
      .raise({}, static_cast<double>(slots.begun()));
  families
      .counter({"fairlead_transfers_refused_total",
                "Zone transfers that were refused because too many went on.",
                {}})
      .raise({}, static_cast<double>(slots.refused()));
}

void make_step(const Rules& rules, Building& building) {
  const auto slots = building.process<Slots>([] { return std::make_shared<Slots>(); });
  auto step = std::make_unique<Transfer>(rules, slots, building.log());
  building.when_built([at = step.get()](const Built& built) { at->use(built.zone_listers); });
  building.step(std::move(step));
  if (building.explaining() != nullptr) return;
  const auto notices = building.keep<Notices>(
      [&](const Notices& other) { return other.rules() == rules; },
      [&] { return std::make_shared<Notices>(building.site().control, building.log(), rules); });
  building.offer(std::shared_ptr<ZoneNews>(notices));
  building.collect([slots](metrics::FamilySet& families) { collect_counts(*slots, families); });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make(
      [rules = parse(cursor, plan.context())](Building& building) { make_step(rules, building); });
}

}  // namespace fairlead::plugins::transfer
