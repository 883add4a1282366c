#include "plugins/hosts/table.h"

#include <algorithm>
#include <functional>
#include <string>
#include <tuple>

#include "plugins/hosts/lines.h"

namespace fairlead::plugins::hosts {
namespace {

constexpr std::string_view kStar("\1*", 2);

size_t hash(dns::NameView name) {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(name.data()), name.size()});
}

bool in_zones(const dns::Name& name, std::span<const dns::Name> zones) {
  return std::any_of(zones.begin(), zones.end(), [&](const dns::Name& zone) {
    return dns::is_at_or_below(name.view(), zone.view());
  });
}

// The order of addresses_.
bool is_before(const dns::IpAddress& a, const dns::IpAddress& b) {
  if (a.is_v6() != b.is_v6()) return b.is_v6();
  return std::lexicographical_compare(a.octets().begin(), a.octets().end(), b.octets().begin(),
                                      b.octets().end());
}

// Collects at most kMaxProblems messages; the last one says that there were more.
class Problems {
 public:
  explicit Problems(const HostMap::Reading& reading) : reading_(reading) {}

  void add(size_t line, const std::string& what) {
    if (reading_.problems == nullptr || ++count_ > HostMap::kMaxProblems) return;
    const std::string text =
        count_ < HostMap::kMaxProblems ? what : "and more lines that cannot be read";
    reading_.problems->push_back(std::string(reading_.source) + ":" + std::to_string(line) + ": " +
                                 text);
  }

 private:
  const HostMap::Reading& reading_;
  size_t count_ = 0;
};

}  // namespace

// One address of one host while the table is built.
struct HostMap::Link {
  uint32_t host;
  uint32_t order;
  uint32_t address;
};

HostMap::HostMap(std::string_view text, const Reading& reading) {
  std::vector<Entry> entries;
  Problems problems(reading);
  bool full = false;
  read_lines(
      text,
      [&](const dns::Name& name, const dns::IpAddress& address) {
        if (!in_zones(name, reading.zones)) return;
        full = full || entries.size() == reading.max_entries;
        if (full) return;
        entries.push_back({intern(name.view()), static_cast<uint32_t>(entries.size()), address});
      },
      [&](size_t line, const std::string& what) { problems.add(line, what); });
  if (full && reading.problems != nullptr) {
    reading.problems->push_back(std::string(reading.source) + ": more than " +
                                std::to_string(reading.max_entries) +
                                " names, the rest is ignored");
  }
  std::vector<Link> links = take_addresses(std::move(entries));
  link_hosts(links);
  if (reading.reverse) link_addresses(links);
  names_.shrink_to_fit();
  hosts_.shrink_to_fit();
}

size_t HostMap::slot_of(dns::NameView name) const {
  const size_t mask = index_.size() - 1;
  size_t slot = hash(name) & mask;
  while (index_[slot] != 0 && !std::ranges::equal(this->name(index_[slot] - 1), name))
    slot = (slot + 1) & mask;
  return slot;
}

void HostMap::grow_index() {
  constexpr size_t kSmallest = 16;
  index_.assign(std::max(kSmallest, index_.size() * 2), 0);
  for (uint32_t i = 0; i < hosts_.size(); ++i) index_[slot_of(name(i))] = i + 1;
}

uint32_t HostMap::intern(dns::NameView name) {
  if (hosts_.size() * 2 >= index_.size()) grow_index();
  uint32_t& slot = index_[slot_of(name)];
  if (slot == 0) {
    Host host;
    host.name = static_cast<uint32_t>(names_.size());
    host.name_size = static_cast<uint8_t>(name.size());
    names_.insert(names_.end(), name.begin(), name.end());
    hosts_.push_back(host);
    slot = static_cast<uint32_t>(hosts_.size());
  }
  return slot - 1;
}

// Fills addresses_ and drops entries that repeat an earlier one.
std::vector<HostMap::Link> HostMap::take_addresses(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return is_before(a.address, b.address); });
  std::vector<Link> links;
  links.reserve(entries.size());
  for (const Entry& entry : entries) {
    if (addresses_.empty() || addresses_.back() != entry.address)
      addresses_.push_back(entry.address);
    links.push_back({entry.host, entry.order, static_cast<uint32_t>(addresses_.size() - 1)});
  }
  addresses_.shrink_to_fit();
  std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) {
    return std::tie(a.host, a.address, a.order) < std::tie(b.host, b.address, b.order);
  });
  const auto last = std::unique(links.begin(), links.end(), [](const Link& a, const Link& b) {
    return a.host == b.host && a.address == b.address;
  });
  links.erase(last, links.end());
  return links;
}

void HostMap::link_hosts(std::vector<Link>& links) {
  const auto is_v6 = [this](const Link& link) { return addresses_[link.address].is_v6(); };
  std::sort(links.begin(), links.end(), [&](const Link& a, const Link& b) {
    return std::make_tuple(a.host, is_v6(a), a.order) < std::make_tuple(b.host, is_v6(b), b.order);
  });
  links_.reserve(links.size());
  uint32_t current = UINT32_MAX;
  for (const Link& link : links) {
    Host& host = hosts_[link.host];
    if (link.host != current) host.first = static_cast<uint32_t>(links_.size());
    current = link.host;
    uint16_t& count = is_v6(link) ? host.v6 : host.v4;
    if (count == kMaxPerKey) continue;
    ++count;
    links_.push_back(link.address);
  }
}

void HostMap::link_addresses(std::vector<Link>& links) {
  std::sort(links.begin(), links.end(), [](const Link& a, const Link& b) {
    return std::tie(a.address, a.order) < std::tie(b.address, b.order);
  });
  reverse_.reserve(addresses_.size() + 1);
  for (const Link& link : links) {
    while (reverse_.size() <= link.address)
      reverse_.push_back(static_cast<uint32_t>(reverse_links_.size()));
    const bool full = reverse_links_.size() - reverse_.back() == kMaxPerKey;
    if (!full && !is_wildcard(link.host)) reverse_links_.push_back(link.host);
  }
  reverse_.push_back(static_cast<uint32_t>(reverse_links_.size()));
  reverse_links_.shrink_to_fit();
}

bool HostMap::is_wildcard(uint32_t host) const {
  return std::ranges::equal(name(host).first(kStar.size()), kStar,
                            [](uint8_t a, char b) { return a == static_cast<uint8_t>(b); });
}

const HostMap::Host* HostMap::find_host(dns::NameView name) const {
  if (index_.empty()) return nullptr;
  const uint32_t number = index_[slot_of(name)];
  return number == 0 ? nullptr : &hosts_[number - 1];
}

HostMap::Found HostMap::find(dns::NameView lower_name) const {
  const Host* host = find_host(lower_name);
  const size_t first_label = lower_name[0] + 1U;
  const bool has_parent = lower_name[0] != 0 && lower_name[first_label] != 0;
  if (host == nullptr && has_parent) {
    dns::Name wildcard(lower_name.subspan(first_label));
    // Shorter by at least as much as the label it loses: it always fits.
    wildcard.prepend("*");
    host = find_host(wildcard.view());
  }
  if (host == nullptr) return {};
  const auto links = std::span(links_).subspan(host->first, size_t{host->v4} + host->v6);
  return {links.first(host->v4), links.subspan(host->v4)};
}

std::span<const uint32_t> HostMap::names_of(const dns::IpAddress& address) const {
  const auto found = std::lower_bound(addresses_.begin(), addresses_.end(), address, is_before);
  if (reverse_.empty() || found == addresses_.end() || *found != address) return {};
  const auto number = static_cast<size_t>(found - addresses_.begin());
  return std::span(reverse_links_)
      .subspan(reverse_[number], reverse_[number + 1] - reverse_[number]);
}

}  // namespace fairlead::plugins::hosts
