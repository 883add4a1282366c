#include "plugins/loadbalance/shuffle.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "net/prng.h"
#include "plugins/subnets.h"

namespace fairlead::plugins::loadbalance {

namespace {

using dns::Record;
using dns::RrType;

enum class Group : uint8_t { Cname, Other, Address, Mx };

Group group_of(const Record& r) {
  switch (r.type) {
    case RrType::Cname:
      return Group::Cname;
    case RrType::A:
    case RrType::Aaaa:
      return Group::Address;
    case RrType::Mx:
      return Group::Mx;
    default:
      return Group::Other;
  }
}

auto rank(const Record& r) {
  return std::pair(r.section, group_of(r));
}

// Sections one after the other, groups in order within them. Records of one group stay in the order
// they were added, which is that of their rdata: a stable sort would allocate.
void arrange(std::span<Record> records) {
  const auto by_rank = [](const Record& a, const Record& b) { return rank(a) < rank(b); };
  if (std::is_sorted(records.begin(), records.end(), by_rank)) return;
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) {
    return std::pair(rank(a), a.rdata_offset) < std::pair(rank(b), b.rdata_offset);
  });
}

// The end of the run that starts at `begin`: same section, same group.
size_t run_end(std::span<const Record> records, size_t begin) {
  size_t end = begin + 1;
  while (end < records.size() && rank(records[end]) == rank(records[begin])) ++end;
  return end;
}

void put_preferred_first(const dns::Answer& answer, std::span<Record> run,
                         std::span<const corefile::Subnet> subnets) {
  size_t placed = 0;
  for (const corefile::Subnet& subnet : subnets) {
    for (size_t i = placed; i < run.size(); ++i) {
      if (contains(subnet, answer.rdata(run[i]))) std::swap(run[i], run[placed++]);
    }
  }
}

// Behind the rest of its section. Returns the place of what comes after the run now.
size_t put_last(std::span<Record> records, std::span<Record> run) {
  const auto begin = static_cast<size_t>(run.data() - records.data());
  size_t end = begin + run.size();
  while (end < records.size() && records[end].section == run.front().section) ++end;
  const std::span<Record> rest = records.subspan(begin, end - begin);
  std::rotate(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(run.size()), rest.end());
  return rest.size() == run.size() ? end : begin;
}

}  // namespace

void shuffle(dns::Answer& answer, uint64_t seed) {
  const std::span<Record> records = answer.records();
  if (answer.rcode != dns::Rcode::NoError || records.size() < 2) return;
  net::Prng prng(seed);
  arrange(records);
  for (size_t begin = 0; begin < records.size();) {
    const size_t end = run_end(records, begin);
    const Group group = group_of(records[begin]);
    if (group == Group::Address || group == Group::Mx) {
      for (size_t left = end - begin; left > 1; --left) {
        std::swap(records[begin + left - 1],
                  records[begin + prng.below(static_cast<uint32_t>(left))]);
      }
    }
    begin = end;
  }
}

std::span<Record> arranged_addresses(dns::Answer& answer, dns::Section section) {
  const auto is_one = [section](const Record& record) {
    return record.section == section && group_of(record) == Group::Address;
  };
  if (std::ranges::none_of(answer.records(), is_one)) return {};
  const std::span<Record> records = answer.records();
  arrange(records);
  const auto first = std::ranges::find_if(records, is_one);
  const auto begin = static_cast<size_t>(first - records.begin());
  return records.subspan(begin, run_end(records, begin) - begin);
}

void prefer(dns::Answer& answer, std::span<const corefile::Subnet> subnets) {
  const std::span<Record> records = answer.records();
  if (answer.rcode != dns::Rcode::NoError || subnets.empty() || records.empty()) return;
  arrange(records);
  for (size_t begin = 0; begin < records.size();) {
    const size_t end = run_end(records, begin);
    const Record first = records[begin];
    const std::span<Record> run = records.subspan(begin, end - begin);
    begin = end;
    if (first.section == dns::Section::Authority) continue;
    if (group_of(first) == Group::Address) put_preferred_first(answer, run, subnets);
    if (group_of(first) == Group::Other) begin = put_last(records, run);
  }
}

}  // namespace fairlead::plugins::loadbalance
