#include "plugins/secondary/copies.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>

#include "corefile/duration.h"
#include "net/clock.h"
#include "net/unix_time.h"

namespace fairlead::plugins::secondary {
namespace {

constexpr uint64_t kBetweenLines = 1'000'000'000;  // nanoseconds

std::string_view octets_of(dns::NameView name) {
  return {reinterpret_cast<const char*>(name.data()), name.size()};
}

}  // namespace

Copies::Copies(std::unique_ptr<Place> place, Tools tools, Sources sources, Followers followers)
    : PublishedZones(std::move(place)),
      tools_(std::move(tools)),
      sources_(std::move(sources)),
      followers_(std::move(followers)),
      ear_(std::make_shared<Ear>(tools_.control, tools_.log)) {}

void Copies::start(Members::Earlier earlier) {
  const auto follow = [this](const Follower::Options& options, KnownCopy known) {
    auto made = std::make_shared<Follower>(tools_, options);
    made->start(std::move(known));
    made->on_change(weak_from_this(), [this] { publish(); });
    return made;
  };
  for (const auto& follower : earlier.followers)
    follower->on_change(weak_from_this(), [this] { publish(); });
  members_ = std::make_unique<Members>(sources_, tools_, follow, std::move(earlier));
  for (size_t i = 0; i < followers_.size(); ++i) {
    followers_[i]->on_change(weak_from_this(), [this, i] { changed(i); });
    if (sources_[i].catalog && followers_[i]->copy()) members_->read(i, *followers_[i]->copy());
  }
  members_->forget_earlier();
  publish();
}

// An expired catalog says nothing new.
void Copies::changed(size_t number) {
  const Follower& follower = *followers_[number];
  if (sources_[number].catalog && !follower.expired()) members_->read(number, *follower.copy());
  publish();
}

Copies::Followers Copies::all() const {
  Followers followers = followers_;
  for (const auto& [name, member] : members_->all()) followers.push_back(member.follower);
  return followers;
}

void Copies::publish() {
  std::vector<records::ZoneSet::Entry> entries;
  const auto add = [&](const Follower& follower, const Source& source) {
    records::ZoneSet::Entry entry{.origin = follower.options().origin,
                                  .zone = follower.expired() ? nullptr : follower.copy(),
                                  .fall_through = source.fall_through,
                                  .from = to_text(follower.options().primaries)};
    entry.lifetime = follower.lifetime();
    entry.epoch = follower.epoch();
    entry.cluster = follower.cluster();
    entry.trouble =
        follower.expired() ? "the zone has expired" : "the zone has not been transferred yet";
    entries.push_back(std::move(entry));
  };
  for (size_t i = 0; i < sources_.size(); ++i) add(*followers_[i], sources_[i]);
  for (const auto& [name, member] : members_->all())
    add(*member.follower, sources_[member.catalog]);
  ear_->listen_for(all());
  publish_entries(std::move(entries));
}

void Copies::collect(metrics::FamilySet& families) const {
  const std::vector<std::string> labels{"zone"};
  auto& serial =
      families.gauge({"fairlead_secondary_serial", "The SOA serial of a copied zone.", labels});
  auto& good = families.gauge({"fairlead_secondary_good_timestamp_seconds",
                               "When a server last said that the copy is the zone.", labels});
  auto& expired = families.gauge(
      {"fairlead_secondary_expired", "1 when the copy is too old to be served.", labels});
  auto& transfers = families.counter(
      {"fairlead_secondary_transfers_total", "How often the zone was transferred.", labels});
  auto& failures = families.counter({"fairlead_secondary_failures_total",
                                     "Checks and transfers that failed, for each server.", labels});
  auto& notifies = families.counter(
      {"fairlead_secondary_notifies_total", "How often servers said that it changed.", labels});
  auto& unkept = families.counter(
      {"fairlead_secondary_copy_failures_total", "Copies that could not be written.", labels});
  for (const auto& follower : all()) {
    const metrics::LabelValues values{dns::to_text(follower->options().origin.view())};
    if (follower->copy()) {
      serial.set(values, follower->copy()->serial());
      good.raise(values, follower->good_at());
    }
    expired.set(values, follower->expired() ? 1 : 0);
    transfers.raise(values, static_cast<double>(follower->counts().transfers));
    failures.raise(values, static_cast<double>(follower->counts().failures));
    notifies.raise(values, static_cast<double>(follower->counts().notifies));
    const std::string& path = follower->options().kept_at;
    if (!path.empty()) unkept.raise(values, static_cast<double>(tools_.store->failures(path)));
  }
}

std::vector<StatusLine> Copies::status() const {
  std::vector<StatusLine> lines;
  for (const auto& follower : all()) {
    std::string text = dns::to_text(follower->options().origin.view()) + " from " +
                       to_text(follower->options().primaries) + ": ";
    if (!follower->copy()) {
      text += "not transferred yet";
    } else {
      const std::chrono::seconds age(std::llround(net::unix_time() - follower->good_at()));
      text += "serial " + std::to_string(follower->copy()->serial()) + ", good " +
              corefile::format_duration(age) + " ago" + (follower->expired() ? ", expired" : "");
    }
    lines.push_back({"secondary", std::move(text)});
  }
  return lines;
}

// A zone that was there keeps its flag.
void Ear::listen_for(const std::vector<std::shared_ptr<Follower>>& followers) {
  Zones zones;
  for (const auto& follower : followers) {
    const Follower::Options& options = follower->options();
    auto zone = find(options.origin.view());
    if (!zone || zone->follower.lock() != follower) {
      zone = std::make_shared<Zone>();
      zone->primaries = options.primaries;
      zone->follower = follower;
    }
    zones.insert_or_assign(std::string(octets_of(options.origin.view())), zone);
  }
  const std::lock_guard lock(mutex_);
  zones_.swap(zones);
}

std::shared_ptr<Ear::Zone> Ear::find(dns::NameView name) const {
  const std::lock_guard lock(mutex_);
  const auto found = zones_.find(octets_of(name));
  return found == zones_.end() ? nullptr : found->second;
}

dns::Rcode Ear::hear(const dns::Query& query, const dns::IpAddress& client) const {
  if (query.qclass != dns::RrClass::In) return dns::Rcode::Refused;
  const std::shared_ptr<Zone> zone = find(query.lower_qname.view());
  if (!zone) return dns::Rcode::NotAuth;
  if (std::ranges::find(zone->primaries, client, address_of) == zone->primaries.end()) {
    refuse(query, client);
    return dns::Rcode::Refused;
  }
  if (zone->told.exchange(true)) return dns::Rcode::NoError;
  asio::post(control_, [zone, client] {
    zone->told.store(false);
    if (const auto follower = zone->follower.lock()) follower->notified(client);
  });
  return dns::Rcode::NoError;
}

// A line a second at most: anybody can send these.
void Ear::refuse(const dns::Query& query, const dns::IpAddress& client) const {
  const uint64_t now = net::now_ns();
  uint64_t last = refused_at_.load(std::memory_order_relaxed);
  if (last != 0 && now - last < kBetweenLines) return;
  if (!refused_at_.compare_exchange_strong(last, now)) return;
  log_.write(net::LogLevel::Info, "file",
             "Dropping notify from " + client.to_text() + " for " +
                 dns::to_text(query.lower_qname.view()));
}

}  // namespace fairlead::plugins::secondary
