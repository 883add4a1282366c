#include "records/zone_builder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "dns/hash.h"
#include "dns/numbers.h"
#include "net/random.h"

namespace fairlead::records {
namespace {

using dns::NameView;
using dns::RrType;

constexpr RrType kNsec3Param{51};
constexpr size_t kMostOctets = size_t{3} << 30;  // offsets have 32 bits

template <class Word>
void append(std::vector<uint8_t>& out, Word word) {
  std::array<uint8_t, sizeof word> octets{};
  std::memcpy(octets.data(), &word, sizeof word);
  out.insert(out.end(), octets.begin(), octets.end());
}

void append_lower(std::vector<uint8_t>& out, std::span<const uint8_t> octets) {
  for (const uint8_t octet : octets) out.push_back(dns::lower(octet));
}

// Where the names that become lower case stand in rdata: [from, to). Their length octets are below
// 'A'.
std::pair<size_t, size_t> names_in(RrType type, size_t size, std::span<const uint8_t> rdata) {
  switch (type) {
    case RrType::Ns:
    case RrType::Cname:
      return {0, size};
    case RrType::Mx:
      return {2, size};
    case RrType::Soa:
      return {0, size - 20};
    case RrType::Svcb:
    case RrType::Https: {
      size_t at = 2;
      while (rdata[at] != 0) at += rdata[at] + 1U;
      return {2, at};
    }
    default:
      return {0, 0};
  }
}

// The labels at the right that both have.
size_t common_labels(NameView a, NameView b) {
  size_t count = 0;
  std::array<std::pair<NameView, size_t>, 2> names{{{a, 0}, {b, 0}}};
  std::array<std::array<uint8_t, dns::kMaxLabels>, 2> starts;  // NOLINT: set up to the counts
  for (size_t n = 0; n < 2; ++n) {
    const NameView name = names[n].first;
    for (size_t i = 0; name[i] != 0; i += name[i] + 1U)
      starts[n][names[n].second++] = static_cast<uint8_t>(i);
  }
  const size_t most = std::min(names[0].second, names[1].second);
  for (; count < most; ++count) {
    const size_t x = starts[0][names[0].second - count - 1];
    const size_t y = starts[1][names[1].second - count - 1];
    if (!std::ranges::equal(a.subspan(x, a[x] + 1U), b.subspan(y, b[y] + 1U))) break;
  }
  return count;
}

}  // namespace

void append_stored(RrType type, std::span<const uint8_t> rdata, std::vector<uint8_t>& out) {
  const auto [from, to] = names_in(type, rdata.size(), rdata);
  out.insert(out.end(), rdata.begin(), rdata.begin() + static_cast<std::ptrdiff_t>(from));
  append_lower(out, rdata.subspan(from, to - from));
  out.insert(out.end(), rdata.begin() + static_cast<std::ptrdiff_t>(to), rdata.end());
}

void ZoneBuilder::expect_text(size_t octets) {
  constexpr size_t kOfOneRecord = 20;  // `a 1 A 192.0.2.1` and the like are the shortest
  octets_.reserve(octets);             // text is longer than wire form, as a rule
  entries_.reserve(octets / kOfOneRecord);
}

std::span<const uint8_t> ZoneBuilder::record(const Entry& entry) const {
  const uint8_t* const at = octets_.data() + entry.name_at + entry.name_size;
  uint16_t size = 0;
  std::memcpy(&size, at + 2, sizeof size);
  return {at, size_t{8} + size};
}

std::string ZoneBuilder::add(NameView owner, RrType type, uint32_t ttl,
                             std::span<const uint8_t> rdata) {
  const dns::Name lower = dns::Name(owner).lowered();
  const auto here = [&] { return dns::to_text(lower.view()); };
  if (type == RrType::Soa && lower != origin_)
    return "has SOA owner " + here() + " that does not match origin " +
           dns::to_text(origin_.view());
  if (type == RrType::Nsec3 || type == kNsec3Param)
    return "NSEC3 zone is not supported, dropping RR: " + here() +
           " for zone: " + dns::to_text(origin_.view());
  if (!dns::is_at_or_below(lower.view(), origin_.view())) {
    ++outside_;
    return {};
  }
  if (octets_.size() > kMostOctets) return "is too large";
  has_soa_ = has_soa_ || type == RrType::Soa;
  entries_.push_back(
      {static_cast<uint32_t>(octets_.size()), static_cast<uint8_t>(lower.size()), type});
  octets_.insert(octets_.end(), lower.view().begin(), lower.view().end());
  append(octets_, static_cast<uint16_t>(type));
  append(octets_, static_cast<uint16_t>(rdata.size()));
  append(octets_, ttl);
  append_stored(type, rdata, octets_);
  return {};
}

void ZoneBuilder::put_name(Zone& zone, NameView name) const {
  Zone::Node node;
  node.name_at = static_cast<uint32_t>(zone.octets_.size());
  node.name_size = static_cast<uint8_t>(name.size());
  zone.nodes_.push_back(node);
  zone.octets_.insert(zone.octets_.end(), name.begin(), name.end());
}

// The empty non-terminals between two names that follow each other (RFC 4592 §2.2.2).
void ZoneBuilder::put_above(Zone& zone, NameView before, NameView name) const {
  std::vector<NameView> missing;
  const size_t known = common_labels(before, name);
  NameView above = name.subspan(name[0] + 1U);
  for (size_t left = dns::label_count(above); left > known; --left) {
    missing.push_back(above);
    above = above.subspan(above[0] + 1U);
  }
  for (auto one = missing.rbegin(); one != missing.rend(); ++one) put_name(zone, *one);
}

// Entries [first, end) are those of the last name.
void ZoneBuilder::put_records(Zone& zone, size_t first, size_t end) {
  Zone::Node& node = zone.nodes_.back();
  const bool is_apex = zone.nodes_.size() == 1;
  const auto content = [this](uint32_t at) { return record(entries_[at]).subspan(8); };
  for (size_t at = first; at < end;) {
    const RrType type = entries_[at].type;
    sorted_.clear();
    for (; at < end && entries_[at].type == type; ++at)
      sorted_.push_back(static_cast<uint32_t>(at));
    std::ranges::stable_sort(sorted_, [&](uint32_t a, uint32_t b) {
      return std::ranges::lexicographical_compare(content(a), content(b));
    });
    const auto same = [&](uint32_t a, uint32_t b) {
      return std::ranges::equal(content(a), content(b));
    };
    sorted_.erase(std::unique(sorted_.begin(), sorted_.end(), same), sorted_.end());
    std::ranges::sort(sorted_);
    if (type == RrType::Soa) sorted_.erase(sorted_.begin(), sorted_.end() - 1);
    for (const uint32_t number : sorted_) {
      const auto octets = record(entries_[number]);
      zone.octets_.insert(zone.octets_.end(), octets.begin(), octets.end());
      ++zone.record_count_;
    }
    node.is_cut = node.is_cut || (type == RrType::Ns && !is_apex);
    node.has_dname = node.has_dname || type == RrType::Dname;
    node.has_cname = node.has_cname || type == RrType::Cname;
    if (type == RrType::Nsec)
      zone.nsec_nodes_.push_back(static_cast<uint32_t>(zone.nodes_.size() - 1));
  }
}

// Behind the last node stands one that ends its records.
void ZoneBuilder::put_table(Zone& zone) {
  const size_t count = zone.nodes_.size();
  zone.table_.resize(std::bit_ceil(count + count / 3 + 1));
  zone.number_mask_ = static_cast<uint32_t>(std::bit_ceil(count + 1) - 1);
  zone.seed_ = net::Random().u64();
  const size_t mask = zone.table_.size() - 1;
  for (size_t i = 0; i < count; ++i) {
    const NameView name = zone.name(zone.nodes_[i]);
    const uint64_t hash = dns::hash_octets(name.data(), name.size(), zone.seed_);
    size_t at = hash & mask;
    while (zone.table_[at] != 0) at = (at + 1) & mask;
    zone.table_[at] = static_cast<uint32_t>(i + 1) | zone.tag_of(hash);
  }
  Zone::Node end;
  end.name_at = static_cast<uint32_t>(zone.octets_.size());
  zone.nodes_.push_back(end);
  zone.octets_.shrink_to_fit();
  zone.nodes_.shrink_to_fit();
  zone.nsec_nodes_.shrink_to_fit();
}

void ZoneBuilder::mark_wildcards(Zone& zone) {
  for (const Zone::Node& node : zone.nodes()) {
    const NameView name = zone.name(node);
    if (name[0] != 1 || name[1] != '*') continue;
    const Zone::Node* const above = zone.find(name.subspan(2));
    if (above != nullptr)
      zone.nodes_[static_cast<size_t>(above - &zone.apex())].has_wildcard = true;
  }
}

size_t ZoneBuilder::end_of_name(size_t first) const {
  size_t end = first + 1;
  while (end < entries_.size() && std::ranges::equal(name(entries_[end]), name(entries_[first])))
    ++end;
  return end;
}

std::shared_ptr<const Zone> ZoneBuilder::finish() {
  std::shared_ptr<Zone> zone(new Zone);  // NOLINT: its constructor is ours alone
  // Equal names and types stay in the order of the file.
  std::ranges::stable_sort(entries_, [this](const Entry& a, const Entry& b) {
    const int order = compare_names(name(a), name(b));
    return order != 0 ? order < 0 : a.type < b.type;
  });
  zone->octets_.reserve(octets_.size());
  zone->nodes_.reserve(entries_.size() + 1);
  for (size_t first = 0; first < entries_.size();) {
    const NameView here = name(entries_[first]);
    if (first > 0) put_above(*zone, name(entries_[first - 1]), here);
    put_name(*zone, here);
    const size_t end = end_of_name(first);
    put_records(*zone, first, end);
    first = end;
  }
  decltype(octets_)().swap(octets_);
  decltype(entries_)().swap(entries_);
  put_table(*zone);
  mark_wildcards(*zone);
  for (const ZoneRecord record : zone->records(zone->apex())) {
    if (record.type == RrType::Soa) zone->serial_ = dns::soa_serial(record.rdata);
  }
  return zone;
}

}  // namespace fairlead::records
