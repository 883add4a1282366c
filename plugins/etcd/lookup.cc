#include "plugins/etcd/lookup.h"

#include <algorithm>
#include <utility>

#include "plugins/etcd/keys.h"

namespace fairlead::plugins::etcd {
namespace {

constexpr uint32_t kTtl = 300;

bool is_included(const Service& service, dns::RrType type) {
  return service.host != Service::Host::None || (type == dns::RrType::Txt && !service.text.empty());
}

size_t depth_of(const Service& service) {
  return static_cast<size_t>(std::ranges::count(service.key, '/'));
}

}  // namespace

Found Lookup::find(dns::NameView name, dns::RrType type, Which which) {
  const Place place = place_of(settings_.root, name);
  const std::string pattern = place.wildcard ? key_of(settings_.root, name) : std::string();
  const auto below = tree_.below(place.key);
  const auto own = tree_.at(place.key);
  const auto entries = which == Which::Below && !below.empty() ? below : own;
  Found found{.exists = !below.empty() || !own.empty(), .services = {}};
  for (const Tree::Entry& entry : entries.first(std::min(entries.size(), kMostSeen - seen_))) {
    ++seen_;
    if (place.wildcard && !matches(pattern, entry->key)) continue;
    if (is_included(*entry, type)) found.services.push_back(entry.get());
  }
  found.services = chosen_group(std::move(found.services));
  return found;
}

Found Lookup::find_at_or_below_apex(dns::NameView name, dns::RrType type, dns::NameView zone) {
  if (!std::ranges::equal(name, zone)) return find(name, type, Which::Below);
  dns::Name apex(zone);
  if (apex.prepend("dns") && apex.prepend("apex")) {
    Found found = find(apex.view(), type, Which::Below);
    if (found.exists || !settings_.apex_fallback) return found;
  }
  return settings_.apex_fallback ? find(name, type, Which::Below) : Found();
}

uint32_t Lookup::ttl(const Service& service) const {
  if (service.lease == nullptr) return service.ttl == 0 ? kTtl : service.ttl;
  const uint64_t longest = std::max(settings_.shortest_lease, settings_.longest_lease);
  const uint64_t left =
      std::clamp<uint64_t>(service.lease->left(now_), settings_.shortest_lease, longest);
  const auto lease = static_cast<uint32_t>(left);
  return service.ttl == 0 ? lease : std::min(lease, service.ttl);
}

std::vector<const Service*> chosen_group(std::vector<const Service*> services) {
  if (services.empty()) return services;
  std::string_view group = services[0]->group;
  size_t shortest = depth_of(*services[0]);
  std::vector<size_t> depths(services.size());
  for (size_t i = 0; i < services.size(); ++i) {
    depths[i] = depth_of(*services[i]);
    if (depths[i] >= shortest) continue;
    if (services[i]->group.empty()) break;
    shortest = depths[i];
    group = services[i]->group;
  }
  if (group.empty()) return services;
  std::vector<const Service*> chosen;
  for (size_t i = 0; i < services.size(); ++i) {
    const std::string_view own = services[i]->group;
    if (depths[i] == shortest && !own.empty() && own != group) return services;
    if (own.empty() || own == group) chosen.push_back(services[i]);
  }
  return chosen;
}

}  // namespace fairlead::plugins::etcd
