#include "plugins/acl/rules.h"

#include <algorithm>
#include <utility>

namespace fairlead::plugins::acl {
namespace {

constexpr size_t kNetworksTold = 3;

std::string clients_text(const Line& line) {
  if (line.all_clients) return "everybody";
  std::string text;
  for (size_t i = 0; i < line.networks.size(); ++i) {
    if (i == kNetworksTold) return text + " and others";
    const corefile::Subnet& network = line.networks[i];
    text += (i == 0 ? "" : ", ") + dns::IpAddress(network.address).to_text() + "/" +
            std::to_string(network.prefix);
  }
  return text;
}

// The longest zone that `name` is at or below; none: SIZE_MAX.
size_t zone_of(const Rule& rule, dns::NameView name) {
  size_t longest = SIZE_MAX;
  for (size_t i = 0; i < rule.zones.size(); ++i) {
    const dns::NameView zone = rule.zones[i].view();
    if (!dns::is_at_or_below(name, zone)) continue;
    if (longest == SIZE_MAX || zone.size() > rule.zones[longest].view().size()) longest = i;
  }
  return longest;
}

// Lines behind one another that do the same to other networks are one, however many there are:
// lists of networks are often written a line each.
std::vector<Line> joined(const std::vector<Line>& lines) {
  std::vector<Line> all;
  for (const Line& line : lines) {
    const bool same = !all.empty() && all.back().action == line.action &&
                      all.back().all_types == line.all_types && all.back().types == line.types &&
                      !all.back().all_clients && !line.all_clients;
    if (!same) {
      all.push_back(line);
      continue;
    }
    std::vector<corefile::Subnet>& networks = all.back().networks;
    networks.insert(networks.end(), line.networks.begin(), line.networks.end());
  }
  return all;
}

}  // namespace

Policy::Policy(const Line& line)
    : action(line.action),
      types(line.types),
      all_types(line.all_types),
      clients_text(acl::clients_text(line)) {
  if (!line.all_clients) clients.emplace(line.networks);
}

bool Policy::is_about(dns::RrType type) const {
  return all_types || std::ranges::find(types, type) != types.end();
}

Rules::Rules(const Options& options, std::vector<std::vector<dns::Name>> zones) {
  for (size_t i = 0; i < options.rules.size(); ++i) {
    Rule& rule = rules_.emplace_back();
    rule.zones = std::move(zones[i]);
    for (const std::string& zone : options.rules[i].zones)
      rule.zone_numbers.push_back(number_of(zone));
    for (const Line& line : joined(options.rules[i].lines)) rule.policies.emplace_back(line);
  }
}

size_t Rules::number_of(const std::string& zone) {
  const auto known = std::ranges::find(zones_, zone);
  if (known != zones_.end()) return static_cast<size_t>(known - zones_.begin());
  zones_.push_back(zone);
  return zones_.size() - 1;
}

Verdict Rules::judge(dns::NameView name, dns::RrType type, const dns::IpAddress& client) const {
  for (const Rule& rule : rules_) {
    const size_t zone = zone_of(rule, name);
    if (zone == SIZE_MAX) continue;
    for (const Policy& policy : rule.policies) {
      if (!policy.is_about(type)) continue;
      if (policy.clients && !policy.clients->contains(client)) continue;
      return {policy.action, rule.zone_numbers[zone]};
    }
  }
  return {};
}

}  // namespace fairlead::plugins::acl
