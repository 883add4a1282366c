// The etcd directive in a block's chain.
#include "query/step.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/extended_error.h"
#include "net/clock.h"
#include "net/unix_time.h"
#include "plugins/building.h"
#include "plugins/etcd/answer.h"
#include "plugins/etcd/setup.h"
#include "plugins/etcd/source.h"
#include "plugins/names.h"
#include "query/telling.h"
#include "query/walk.h"

namespace fairlead::plugins::etcd {
namespace {

using dns::Section;
using query::Note;
using query::Turn;
using query::Walk;

constexpr std::chrono::seconds kPatience{5};  // as long as CoreDNS waits for etcd

/// Of one zone.
struct Served {
  dns::Name zone;
  TtlRanges ttls;
};

// What is still to be asked outside, between ask() and see(): octets of a walk.
struct Pending {
  dns::RrType type;
  Section section;
  uint8_t name_size;
  uint32_t place;
};

std::vector<uint8_t> packed(const std::vector<Outside>& outside) {
  std::vector<uint8_t> octets;
  for (const Outside& one : outside) {
    const Pending head{one.type, one.section, static_cast<uint8_t>(one.name.size()), one.place};
    const auto* const at = reinterpret_cast<const uint8_t*>(&head);
    octets.insert(octets.end(), at, at + sizeof head);
    octets.insert(octets.end(), one.name.view().begin(), one.name.view().end());
  }
  return octets;
}

Pending head_of(std::span<const uint8_t> octets) {
  Pending head;
  std::memcpy(&head, octets.data(), sizeof head);
  return head;
}

// Of a note: where the rest of what is pending is kept and how long that is, and how many records
// of the answer section have been put in between.
constexpr size_t kAt = 0, kSize = 1, kPutIn = 2;

class Etcd : public query::Step {
 public:
  /// `source` is null for who explains.
  Etcd(const Options& options, std::vector<Served> served, std::shared_ptr<const Source> source)
      : options_(options), served_(std::move(served)), source_(std::move(source)) {}

  Turn ask(Walk& walk) const override {
    const dns::Query& query = walk.question();
    const Served* const served = zone_of(query.lower_qname.view());
    if (served == nullptr) {
      if (walk.telling() != nullptr)
        walk.telling()->tell("the name is outside the zones " + list(options_.zones) +
                             ": passed on");
      return Turn::Pass;
    }
    if (walk.telling() != nullptr)
      walk.telling()->tell("the name is in the zone " + dns::to_text(served->zone.view()) +
                           ", whose keys in etcd are not read to explain it");
    const Tree* const tree = source_ == nullptr ? nullptr : walk.live(source_->at());
    if (tree == nullptr) return not_read(walk);
    return answer(walk, *served, *tree);
  }

  // What was found for a name elsewhere. That an alias leads to nothing is no denial of the name
  // itself, as in CoreDNS.
  Turn see(Walk& walk, Note& note) const override {
    const std::span<const uint8_t> rest = walk.kept_octets(note.words[kAt]);
    const Pending head = head_of(rest);
    if (head.section == Section::Answer) {
      put_in(walk, head.place + note.words[kPutIn], note);
    } else {
      add_addresses(*walk.found(), walk.found_name(), walk.answer());
    }
    const size_t read = sizeof head + head.name_size;
    note.words[kAt] += read;
    note.words[kSize] -= read;
    return ask_outside(walk, note);
  }

 private:
  [[nodiscard]] const Served* zone_of(dns::NameView name) const {
    const Served* longest = nullptr;
    for (const Served& served : served_) {
      if (!dns::is_at_or_below(name, served.zone.view())) continue;
      if (longest == nullptr || served.zone.size() > longest->zone.size()) longest = &served;
    }
    return longest;
  }

  static Turn not_read(Walk& walk) {
    const Turn turn = walk.fail(dns::Rcode::ServFail, "plugin/etcd: no keys have been read yet");
    walk.answer().add_extended_error(dns::kNotReady, "etcd has not been read yet");
    return turn;
  }

  Turn answer(Walk& walk, const Served& served, const Tree& tree) const {
    const dns::Query& query = walk.question();
    if (query.qtype == dns::RrType::Axfr || query.qtype == dns::RrType::Ixfr)
      return walk.fail(dns::Rcode::Refused);
    Lookup lookup(tree, options_.settings, net::now_ns());
    const Subject subject{query, served.zone, served.ttls, net::unix_seconds()};
    const Response said = respond(subject, lookup, walk.answer());
    switch (said.outcome) {
      case Outcome::Failed:
        return walk.fail(dns::Rcode::ServFail, said.error);
      case Outcome::NoSuchName:
        if (!dns::is_at_or_below_any(query.lower_qname.view(), options_.fall_through))
          return Turn::Done;
        walk.answer().clear();
        return Turn::Pass;
      case Outcome::Answered:
        break;
    }
    if (said.outside.empty()) return Turn::Done;
    const std::vector<uint8_t> octets = packed(said.outside);
    return ask_outside(walk, {{walk.keep_octets(octets), octets.size(), 0}});
  }

  static Turn ask_outside(Walk& walk, Note note) {
    if (note.words[kSize] == 0) {
      walk.answer().drop_repeats();
      return Turn::Done;
    }
    const std::span<const uint8_t> rest = walk.kept_octets(note.words[kAt]);
    const Pending head = head_of(rest);
    const dns::Name name(rest.subspan(sizeof head, head.name_size));
    walk.see_me(note);
    return walk.ask_server(name.view(), head.type);
  }

  // Behind the alias that leads there.
  static void put_in(Walk& walk, size_t place, Note& note) {
    dns::Answer& answer = walk.answer();
    const size_t before = answer.records().size();
    walk.append_found();
    const auto records = answer.records();
    note.words[kPutIn] += records.size() - before;
    const auto at = static_cast<ptrdiff_t>(std::min(place, before));
    std::rotate(records.begin() + at, records.begin() + static_cast<ptrdiff_t>(before),
                records.end());
  }

  static void add_addresses(const dns::Answer& found, dns::NameView found_name,
                            dns::Answer& answer) {
    for (const dns::Record& record : found.records()) {
      if (record.section != Section::Answer) continue;
      const dns::NameRef owner = answer.add_name(found.name(record.owner, found_name));
      answer.add_raw(Section::Additional, owner, record.type, record.ttl, found.rdata(record));
    }
  }

  const Options options_;
  const std::vector<Served> served_;
  const std::shared_ptr<const Source> source_;
};

std::shared_ptr<Source> source_of(const Options& options, Building& building) {
  const MirrorOptions wanted = mirror_options(options);
  return building.keep<Source>([&](const Source& other) { return other.options() == wanted; },
                               [&] {
                                 const auto mirroring = building.process<Mirroring>(
                                     [] { return std::make_shared<Mirroring>(); });
                                 auto made = std::make_shared<Source>(
                                     wanted, building.log(), building.live<Tree>(), *mirroring);
                                 made->start();
                                 return made;
                               });
}

void make_step(const Options& options, Building& building) {
  std::vector<Served> served;
  // What clients keep, they keep for as long as the cache would have.
  for (const dns::Name& zone : options.zones) served.push_back({zone, building.ttl_ranges(zone)});
  if (building.explaining() != nullptr)
    return building.step(std::make_unique<Etcd>(options, std::move(served), nullptr));
  const auto source = source_of(options, building);
  building.step(std::make_unique<Etcd>(options, std::move(served), source));
  building.start_after({.directive = "etcd",
                        .what = "etcd",
                        .done = [source] { return source->synced(); },
                        .patience = kPatience});
  building.note([source] { return source->trouble_line(); });
  building.tell_status([source] { return source->status(); });
  building.collect([source](metrics::FamilySet& families) { source->collect(families); });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  plan.check([connection = options.connection](std::vector<std::string>&) {
    check_connection(connection);
  });
  plan.make([options](Building& building) {
    try {
      check_connection(options.connection);
    } catch (const std::exception& error) {
      throw std::runtime_error(std::string("plugin/etcd: ") + error.what());
    }
    make_step(options, building);
  });
}

}  // namespace fairlead::plugins::etcd
