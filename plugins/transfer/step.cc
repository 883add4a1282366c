// The transfer directive in a block's chain.
#include "query/step.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dns/compact_zone.h"
#include "dns/expire.h"
#include "dns/extended_error.h"
#include "dns/numbers.h"
#include "dns/render.h"
#include "net/log.h"
#include "net/network_set.h"
#include "net/socket_address.h"
#include "plugins/building.h"
#include "plugins/transfer/notices.h"
#include "plugins/transfer/outgoing.h"
#include "plugins/transfer/setup.h"
#include "query/walk.h"
#include "query/zone_listing.h"
#include "records/cluster_copy.h"
#include "records/epoch.h"
#include "records/journal.h"

namespace fairlead::plugins::transfer {
namespace {

using dns::Rcode;
using dns::RrType;
using query::Turn;
using query::Walk;
using Listers = std::vector<std::shared_ptr<const query::ZoneLister>>;

constexpr uint16_t kOther = 0;               // RFC 8914 §4.1
constexpr size_t kMostForDatagram = 16'384;  // octets before compression: more are not looked at
constexpr size_t kMostInDatagram = 200;      // records: of more there is not even one octet for six

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
    if (!may_have(*rule, walk.peers()) || (datagram && !changes)) return walk.fail(Rcode::Refused);
    if (changes && !query.has_soa) return walk.fail(Rcode::ServFail);
    for (const auto& lister : listers_) {
      query::ZoneLister::Found found = lister->find(walk, query.lower_qname.view());
      if (found.is_zone) return say(walk, std::move(found.zone));
    }
    return Turn::Pass;
  }

 private:
  [[nodiscard]] bool may_have(const Rule& rule, const net::Peers& peers) const {
    const dns::IpAddress& client = peers.client.address;
    if (rule.everyone || clients_[static_cast<size_t>(&rule - rules_.data())].contains(client))
      return true;
    // A link-local address is another host's on another link.
    return std::ranges::any_of(rule.told, [&](const net::ServerEndpoint& server) {
      return !server.scope.empty() && server.address == client &&
             net::scope_id_of(server.scope) == peers.scope_id;
    });
  }

  static Turn fail_with(Walk& walk, uint16_t code, std::string_view why) {
    const Turn turn = walk.fail(Rcode::ServFail);
    walk.answer().add_extended_error(code, why);
    return turn;
  }

  [[nodiscard]] Telling telling(const Walk& walk) const {
    return {log_, dns::to_text(walk.question().qname), walk.peers().client.address.to_text()};
  }

  Turn say(Walk& walk, std::unique_ptr<query::ListedZone> zone) const {
    if (!zone) return fail_with(walk, dns::kNotReady, "the zone has not been read yet");
    const dns::Query& query = walk.question();
    Sent sent{.zone = std::move(zone),
              .changes = nullptr,
              .from = query.soa_serial,
              .expire = dns::asks_expire(walk.received())};
    const bool comparable = choose_form(query, sent);
    const bool changes = query.qtype == RrType::Ixfr && comparable;
    // Also to who is ahead (RFC 1995 §2).
    if (changes && !dns::is_newer(sent.zone->serial(), sent.from)) return say_soa(walk, sent);
    if (query.transport == dns::Transport::Udp)
      return changes ? say_at_once(walk, std::move(sent)) : say_soa(walk, sent);
    auto slot = slots_->take();
    if (!slot || !walk.can_send_many())
      return fail_with(walk, kOther, "too many transfers at once");
    if (changes) sent.changes = sent.zone->changes_since(sent.from, SIZE_MAX);
    slots_->begin(sent.changes ? Slots::Kind::Ixfr : Slots::Kind::Axfr);
    return walk.send_many(
        std::make_unique<Outgoing>(std::move(sent), slots_, std::move(slot), telling(walk)));
  }

  // What the client's options say of the form and of its copy. False: its serial is of another
  // epoch, as one of the other form is, and has nothing to do with ours.
  static bool choose_form(const dns::Query& query, Sent& sent) {
    const auto takes = dns::find_option(query.edns.options, dns::kCompactOption);
    const auto asked = dns::find_option(query.edns.options, records::kEpochOption);
    if (!asked) return true;
    sent.compact = sent.zone->is_compact() && takes && dns::takes_compact(*takes);
    sent.epoch = sent.zone->epoch();
    if (sent.zone->is_compact() && !sent.compact)
      sent.epoch = records::epoch_of_other_form(sent.epoch);
    return !sent.epoch || records::read_epoch(*asked) == sent.epoch;
  }

  // Over UDP what does not fit is the SOA: from that the client learns that there is a newer one,
  // and comes back over TCP (RFC 1995 §2).
  Turn say_at_once(Walk& walk, Sent sent) const {
    sent.changes = sent.zone->changes_since(sent.from, kMostForDatagram);
    if (!sent.changes) return say_soa(walk, sent);
    dns::Answer answer;
    Between between(sent);
    if (!put_all(sent, between, walk, answer)) return say_soa(walk, sent);
    std::swap(walk.answer(), answer);
    walk.keep_order();
    slots_->begin(Slots::Kind::Ixfr);
    telling(walk).sent(sent, between.count() + 2);
    return Turn::Done;
  }

  // False when it does not fit into one message of the size that the client takes, signed if it is.
  static bool put_all(const Sent& sent, Between& between, const Walk& walk, dns::Answer& answer) {
    sent.add_first(answer);
    dns::Answer some, more;
    between.next(some);
    for (const dns::Record& record : some.records())
      answer.add_raw(record.section, answer.add_name(some.name(record.owner, {})), record.type,
                     record.ttl, some.rdata(record));
    if (between.next(more)) return false;
    sent.zone->add_soa(answer);
    std::array<uint8_t, dns::kMaxUdpReply> out{};
    const size_t size = dns::render(walk.received(), answer, out);
    constexpr uint8_t kTruncated = 0x02;  // in the third octet
    return answer.records().size() <= kMostInDatagram && (out[2] & kTruncated) == 0 &&
           size <= walk.unsealed_limit();
  }

  Turn say_soa(Walk& walk, const Sent& sent) const {
    slots_->begin(Slots::Kind::Soa);
    sent.add_first(walk.answer());
    const bool current = !dns::is_newer(sent.zone->serial(), sent.from);
    if (!current) return Turn::Done;
    const Telling to = telling(walk);
    log_.write(net::LogLevel::Info, "transfer",
               "Outgoing noop, incremental transfer for up to date zone \"" + to.zone + "\" to " +
                   to.client + " for " + std::to_string(sent.zone->serial()) + " SOA serial");
    return Turn::Done;
  }

  const Rules rules_;
  std::vector<net::NetworkSet> clients_;  // of each rule
  const std::shared_ptr<Slots> slots_;
  net::LogSink& log_;
  Listers listers_;
};

void collect_counts(const Slots& slots, const records::JournalCounts& journals,
                    metrics::FamilySet& families) {
  auto& begun = families.counter(
      {"fairlead_transfers_total", "Replies with zones, changes to them, or their SOA.", {"kind"}});
  begun.raise({"axfr"}, static_cast<double>(slots.begun(Slots::Kind::Axfr)));
  begun.raise({"ixfr"}, static_cast<double>(slots.begun(Slots::Kind::Ixfr)));
  begun.raise({"soa"}, static_cast<double>(slots.begun(Slots::Kind::Soa)));
  families
      .counter({"fairlead_transfers_refused_total",
                "Zone transfers that were refused because too many went on.",
                {}})
      .raise({}, static_cast<double>(slots.refused()));
  families
      .gauge({"fairlead_transfer_journal_bytes",
              "What differences between versions of zones take in memory.",
              {}})
      .set({}, static_cast<double>(journals.octets.load()));
  families
      .gauge({"fairlead_transfer_journal_steps",
              "Versions of zones that there are differences to.",
              {}})
      .set({}, static_cast<double>(journals.steps.load()));
  families
      .counter({"fairlead_transfer_journal_overruns_total",
                "Differences that were dropped for want of room.",
                {}})
      .raise({}, static_cast<double>(journals.overruns.load()));
}

void make_step(const Rules& rules, Building& building) {
  using records::JournalCounts;
  const auto slots = building.process<Slots>([] { return std::make_shared<Slots>(); });
  const auto counts =
      building.process<JournalCounts>([] { return std::make_shared<JournalCounts>(); });
  auto step = std::make_unique<Transfer>(rules, slots, building.log());
  building.when_built([at = step.get()](const Built& built) { at->use(built.zone_listers); });
  building.step(std::move(step));
  if (building.explaining() != nullptr) return;
  const auto notices = building.keep<Notices>(
      [&](const Notices& other) { return other.rules() == rules; },
      [&] {
        return std::make_shared<Notices>(building.site().control, building.log(), rules, counts);
      });
  building.offer(std::shared_ptr<ZoneNews>(notices));
  building.collect(
      [slots, counts](metrics::FamilySet& families) { collect_counts(*slots, *counts, families); });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([rules = parse(cursor, plan.context(), plan.keys_known)](Building& building) {
    make_step(rules, building);
  });
}

}  // namespace fairlead::plugins::transfer
