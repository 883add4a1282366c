#include "records/journal_step.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_map>

#include "dns/numbers.h"

namespace fairlead::records {
namespace {

using Octets = std::span<const uint8_t>;

// Size of the owner, type, TTL, size of the rdata, each in network order; owner and rdata follow.
constexpr size_t kStepRecordHead = 9;

bool before(Octets a, Octets b) {
  return std::ranges::lexicographical_compare(a, b);
}

void put(uint32_t number, size_t octets, std::vector<uint8_t>& out) {
  while (octets-- > 0) out.push_back(static_cast<uint8_t>(number >> (8 * octets)));
}

uint32_t serial_of(Octets soa) {
  size_t at = 0;
  return dns::soa_serial(read_record(soa, at).rdata);
}

// The step with these SOA records, of what goes and comes.
JournalStepPtr make_step(Octets old_soa, Octets new_soa, std::span<const Octets> go,
                         std::span<const Octets> come) {
  auto step = std::make_shared<JournalStep>();
  step->from = serial_of(old_soa);
  step->to = serial_of(new_soa);
  step->records = go.size() + come.size();
  size_t size = old_soa.size() + new_soa.size();
  for (const auto& part : {go, come})
    for (const Octets record : part) size += record.size();
  step->octets.reserve(size);
  const auto append = [&](Octets record) {
    step->octets.insert(step->octets.end(), record.begin(), record.end());
  };
  append(old_soa);
  std::ranges::for_each(go, append);
  step->new_soa = step->octets.size();
  append(new_soa);
  std::ranges::for_each(come, append);
  return step;
}

// The octets of the record at `at`, which is moved behind it.
Octets record_at(Octets octets, size_t& at) {
  const size_t begin = at;
  static_cast<void>(read_record(octets, at));
  return octets.subspan(begin, at - begin);
}

std::string_view text_of(Octets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

Octets octets_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

void append_record(const ChangedRecord& record, std::vector<uint8_t>& out) {
  put(static_cast<uint32_t>(record.owner.size()), 1, out);
  put(static_cast<uint16_t>(record.type), 2, out);
  put(record.ttl, 4, out);
  put(static_cast<uint32_t>(record.rdata.size()), 2, out);
  out.insert(out.end(), record.owner.begin(), record.owner.end());
  out.insert(out.end(), record.rdata.begin(), record.rdata.end());
}

ChangedRecord read_record(std::span<const uint8_t> octets, size_t& at) {
  const Octets head = octets.subspan(at, kStepRecordHead);
  const size_t owner = head[0];
  const auto rdata = static_cast<size_t>(dns::number_of(head.subspan(7, 2)));
  const ChangedRecord record{.owner = octets.subspan(at + kStepRecordHead, owner),
                             .type = static_cast<dns::RrType>(dns::number_of(head.subspan(1, 2))),
                             .ttl = static_cast<uint32_t>(dns::number_of(head.subspan(3, 4))),
                             .rdata = octets.subspan(at + kStepRecordHead + owner, rdata)};
  at += kStepRecordHead + owner + rdata;
  return record;
}

void StepBuilder::add(const ChangedRecord& record, Side& side) {
  if (record.type == dns::RrType::Soa) {
    side.soa.clear();
    return append_record(record, side.soa);
  }
  side.at.push_back(side.octets.size());
  append_record(record, side.octets);
}

std::vector<Octets> StepBuilder::sorted(const Side& side) {
  std::vector<Octets> records;
  records.reserve(side.at.size());
  for (size_t at : side.at) records.push_back(record_at(side.octets, at));
  std::ranges::sort(records, before);
  const auto same = [](Octets a, Octets b) { return std::ranges::equal(a, b); };
  records.erase(std::unique(records.begin(), records.end(), same), records.end());
  return records;
}

JournalStepPtr StepBuilder::finish() {
  const std::vector<Octets> earlier = sorted(earlier_), later = sorted(later_);
  std::vector<Octets> go, come;
  std::ranges::set_difference(earlier, later, std::back_inserter(go), before);
  std::ranges::set_difference(later, earlier, std::back_inserter(come), before);
  return make_step(earlier_.soa, later_.soa, go, come);
}

JournalStepPtr condense(std::span<const JournalStepPtr> steps) {
  std::unordered_map<std::string_view, bool> changes;  // true: comes
  const auto change = [&](Octets record, bool comes) {
    const auto [at, is_new] = changes.try_emplace(text_of(record), comes);
    if (!is_new && at->second != comes) changes.erase(at);
  };
  Octets old_soa, new_soa;
  for (const JournalStepPtr& step : steps) {
    size_t at = 0;
    const Octets soa = record_at(step->octets, at);
    if (old_soa.empty()) old_soa = soa;
    while (at < step->new_soa) change(record_at(step->octets, at), false);
    new_soa = record_at(step->octets, at);
    while (at < step->octets.size()) change(record_at(step->octets, at), true);
  }
  std::vector<Octets> go, come;
  for (const auto& [record, comes] : changes) (comes ? come : go).push_back(octets_of(record));
  std::ranges::sort(go, before);
  std::ranges::sort(come, before);
  return make_step(old_soa, new_soa, go, come);
}

}  // namespace fairlead::records
