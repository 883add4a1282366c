// Followers of a cluster's zones that take changes have what a fresh copy has, whatever changes and
// whenever they ask.
#include "plugins/cluster_journal.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dns/numbers.h"
#include "dns/render.h"
#include "net/file_descriptor.h"
#include "plugins/transfer/outgoing.h"
#include "records/incoming_zone.h"
#include "test/unit/plugins/random_cluster.h"

namespace fairlead::plugins {
namespace {

using Copy = std::shared_ptr<const records::Zone>;
using test::RandomCluster;

dns::Name name(const std::string& text) {
  return *dns::Name::from_text(text);
}

// Every record, with its owner and TTL.
using Content = std::set<std::string>;

Content content(const records::Zone& zone) {
  Content all;
  for (const auto& node : zone.nodes())
    for (const records::ZoneRecord record : zone.records(node))
      all.insert(dns::to_text(zone.name(node)) + ' ' + std::to_string(record.ttl) + ' ' +
                 dns::to_text(record.type) + ' ' +
                 std::string(record.rdata.begin(), record.rdata.end()));
  return all;
}

// The first that only one of them has.
std::string difference(const Content& copy, const Content& fresh) {
  for (const std::string& line : copy)
    if (!fresh.contains(line)) return "only in the copy: " + line;
  for (const std::string& line : fresh)
    if (!copy.contains(line)) return "not in the copy: " + line;
  return {};
}

/// What the server sends, message by message, in either form.
class Sender {
 public:
  explicit Sender(bool compact = false) : compact_(compact) {}

  [[nodiscard]] std::unique_ptr<transfer::Outgoing> begin(const ClusterJournal& of,
                                                          const records::Zone* copy) {
    transfer::Sent sent{.zone = of.list(), .changes = nullptr, .from = 0};
    sent.compact = compact_ && sent.zone->is_compact();
    if (sent.compact) sent.epoch = sent.zone->epoch();
    if (copy != nullptr) sent.from = copy->serial();
    if (copy != nullptr) sent.changes = sent.zone->changes_since(sent.from, SIZE_MAX);
    return std::make_unique<transfer::Outgoing>(std::move(sent), slots_, slots_->take(),
                                                transfer::Telling{log_, "zone", "client"});
  }

  static bool take_next(transfer::Outgoing& outgoing, const dns::Name& zone,
                        records::IncomingZone& into) {
    dns::Answer answer;
    if (!outgoing.next(answer)) return false;
    dns::Query query;
    query.id = 9;
    query.transport = dns::Transport::Tcp;
    query.has_question = true;
    query.has_edns = true;
    query.qtype = dns::RrType::Ixfr;
    query.set_name(zone.view());
    std::vector<uint8_t> out(dns::kMaxTcpReply);
    out.resize(dns::render(query, answer, out));
    into.take(out);
    return true;
  }

 private:
  const bool compact_;
  const net::FileDescriptor nowhere_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  net::LogSink log_{nowhere_.get()};
  const std::shared_ptr<transfer::Slots> slots_ = std::make_shared<transfer::Slots>();
};

struct Received {
  Copy copy;
  bool was_changes = false;
};

Received receive(Sender& sender, const ClusterJournal& of, const Copy& copy) {
  records::IncomingZone incoming(of.zone(), 9, copy);
  const auto outgoing = sender.begin(of, copy.get());
  while (Sender::take_next(*outgoing, of.zone(), incoming)) continue;
  REQUIRE_MESSAGE(incoming.state() == records::IncomingZone::State::Done, incoming.error());
  return {incoming.finish(), incoming.was_changes()};
}

/// One zone, with followers of whom the first asks always, the others ever more rarely.
struct Followed {
  std::shared_ptr<ClusterJournal> journal;
  std::vector<Copy> copies = std::vector<Copy>(3);
  size_t changes = 0, whole = 0;

  void follow(Sender& sender, RandomCluster& cluster) {
    const auto fresh = content(*receive(sender, *journal, nullptr).copy);
    uint32_t rarely = 1;
    for (Copy& copy : copies) {
      const bool asks = cluster.below(rarely) == 0;
      rarely *= 8;
      if (!asks) continue;
      const Received received = receive(sender, *journal, copy);
      if (copy) ++(received.was_changes ? changes : whole);
      copy = received.copy;
      REQUIRE(difference(content(*copy), fresh) == "");
    }
  }
};

// The zones of two directives, the second of which shows two of three namespaces only.
std::vector<Followed> all_zones(const std::shared_ptr<records::JournalCounts>& counts,
                                size_t most) {
  std::vector<Followed> all;
  for (const bool few : {false, true}) {
    zones::ClusterZone cluster;
    for (const char* zone : {"cluster.local.", "0.0.10.in-addr.arpa.", "ip6.arpa.", "set.local."})
      cluster.zones.push_back(name(zone));
    cluster.multicluster = {name("set.local.")};
    cluster.local_addresses = {*dns::IpAddress::from_text("10.0.0.1")};
    cluster.ignore_empty_service = few;
    cluster.zonal = few;
    cluster.pods = few ? zones::PodMode::Verified : zones::PodMode::Insecure;
    if (few) cluster.namespaces = {"n0", "n1"};
    zones::OutsideZone outside{.zones = {name("ext.test."), name("10.in-addr.arpa.")},
                               .primary = 0,
                               .apex = name("dns."),
                               .ttl = 5,
                               .headless = !few,
                               .fallthrough = {}};
    const auto add = [&](const dns::Name& zone, bool is_outside) {
      ClusterJournal::Of of{.versions = {}, .cluster = cluster, .outside = {}, .zone = zone};
      if (is_outside) of.outside = outside;
      Followed followed;
      followed.journal = std::make_shared<ClusterJournal>(
          std::move(of), std::make_shared<records::Journal>(counts, most));
      all.push_back(followed);
    };
    for (const dns::Name& zone : cluster.zones) add(zone, false);
    for (const dns::Name& zone : outside.zones) add(zone, true);
  }
  return all;
}

struct Outcome {
  size_t changes = 0, whole = 0;
  uint64_t overruns = 0;
};

// Serials go round on the way.
Outcome play(uint32_t seed, uint32_t rounds, size_t most) {
  const auto counts = std::make_shared<records::JournalCounts>();
  RandomCluster cluster(seed);
  Sender sender(seed % 2 == 0);
  std::vector<Followed> zones = all_zones(counts, most);
  for (uint32_t round = 0; round < rounds; ++round) {
    for (uint32_t count = cluster.below(9); count > 0; --count) cluster.change();
    const zones::SnapshotPtr version = cluster.snapshot(4294967290 + round);
    for (Followed& zone : zones) {
      zone.journal->keep(version);
      zone.follow(sender, cluster);
    }
  }
  Outcome outcome;
  for (const Followed& zone : zones) {
    outcome.changes += zone.changes;
    outcome.whole += zone.whole;
  }
  outcome.overruns = counts->overruns;
  return outcome;
}

TEST_CASE("cluster journal: thousands of changes, and every copy is the zone") {
  Outcome all;
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    const Outcome one = play(seed, 100, records::Journal::kMostOctets);
    all.changes += one.changes;
    all.whole += one.whole;
    CHECK(one.overruns == 0);
  }
  // Small zones are sent whole when half of them has changed.
  CAPTURE(all.changes);
  CAPTURE(all.whole);
  CHECK(all.changes > all.whole);
  CHECK(all.changes > 2000);
  CHECK(all.whole > 0);
}

TEST_CASE("cluster journal: the same with hardly any room for differences") {
  const Outcome outcome = play(7, 120, 6000);
  CAPTURE(outcome.changes);
  CAPTURE(outcome.whole);
  CHECK(outcome.overruns > 100);
  CHECK(outcome.changes > 100);
  CHECK(outcome.whole > 100);
}

TEST_CASE("cluster journal: a copy is one version though the cluster changes meanwhile") {
  RandomCluster cluster(8);
  Sender sender;
  Followed zone = all_zones(std::make_shared<records::JournalCounts>(), SIZE_MAX).front();
  CHECK(zone.journal->list() == nullptr);
  zone.journal->keep(cluster.snapshot(1));
  const auto before = content(*receive(sender, *zone.journal, nullptr).copy);
  const auto outgoing = sender.begin(*zone.journal, nullptr);
  for (int i = 0; i < 50; ++i) cluster.change();
  zone.journal->keep(cluster.snapshot(2));
  records::IncomingZone incoming(zone.journal->zone(), 9);
  while (Sender::take_next(*outgoing, zone.journal->zone(), incoming)) continue;
  CHECK(difference(content(*incoming.finish()), before) == "");
  CHECK(difference(content(*receive(sender, *zone.journal, nullptr).copy), before) != "");
}

TEST_CASE("cluster journal: all versions are of one epoch, which no other journal has") {
  RandomCluster cluster(9);
  auto zones = all_zones(std::make_shared<records::JournalCounts>(), SIZE_MAX);
  std::set<uint64_t> epochs;
  for (const Followed& zone : zones) {
    zone.journal->keep(cluster.snapshot(1));
    const auto epoch = zone.journal->list()->epoch();
    REQUIRE(epoch);
    epochs.insert(*epoch);
    zone.journal->keep(cluster.snapshot(2));
    CHECK(zone.journal->list()->epoch() == epoch);
  }
  CHECK(epochs.size() == zones.size());
}

TEST_CASE("cluster journal: a serial is the second that it is, but always newer") {
  CHECK(next_serial(100, 1700000000) == 1700000000);
  CHECK(next_serial(1700000000, 1700000000) == 1700000001);
  CHECK(next_serial(1700000005, 1700000000) == 1700000006);  // the clock was set back
  CHECK(next_serial(4294967295, 4294967295) == 0);
  CHECK(next_serial(4294967290, 5) == 5);
}

}  // namespace
}  // namespace fairlead::plugins
