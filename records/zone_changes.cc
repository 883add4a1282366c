#include "records/zone_changes.h"

#include <algorithm>

namespace fairlead::records {
namespace {

// Type, size of the owner, owner, rdata, as they lie in zones.
std::string key_of(const ChangedRecord& record) {
  std::vector<uint8_t> rdata;
  append_stored(record.type, record.rdata, rdata);
  const auto type = static_cast<uint16_t>(record.type);
  std::string key;
  key += static_cast<char>(type >> 8);
  key += static_cast<char>(type & 0xff);
  key += static_cast<char>(record.owner.size());
  for (const uint8_t octet : record.owner) key += static_cast<char>(dns::lower(octet));
  key.append(rdata.begin(), rdata.end());
  return key;
}

ChangedRecord record_of(const std::string& key, uint32_t ttl) {
  const auto* const octets = reinterpret_cast<const uint8_t*>(key.data());
  const size_t owner = octets[2];
  return {.owner = {octets + 3, owner},
          .type = static_cast<dns::RrType>(octets[0] << 8 | octets[1]),
          .ttl = ttl,
          .rdata = {octets + 3 + owner, key.size() - 3 - owner}};
}

}  // namespace

bool ZoneChanges::has(const std::string& key) const {
  const ChangedRecord wanted = record_of(key, 0);
  const Zone::Node* const node = from_->find(wanted.owner);
  if (node == nullptr) return false;
  for (const ZoneRecord record : from_->records(*node)) {
    if (record.type == wanted.type && std::ranges::equal(record.rdata, wanted.rdata)) return true;
  }
  return false;
}

bool ZoneChanges::remove(const ChangedRecord& record) {
  const std::string key = key_of(record);
  if (added_.erase(key) > 0) return true;
  return has(key) && removed_.insert(key).second;
}

bool ZoneChanges::add(const ChangedRecord& record) {
  const std::string key = key_of(record);
  if (has(key) && !removed_.contains(key)) return false;
  return added_.try_emplace(key, record.ttl).second;
}

std::string ZoneChanges::apply(ZoneBuilder& builder) const {
  std::string wrong;
  const auto put = [&](const ChangedRecord& record) {
    wrong = builder.add(record.owner, record.type, record.ttl, record.rdata);
    return wrong.empty();
  };
  for (size_t i = 0; i < from_->name_count(); ++i) {
    for (const ZoneRecord record : from_->records(from_->node(i))) {
      const ChangedRecord one{from_->name(from_->node(i)), record.type, record.ttl, record.rdata};
      const bool stays =
          record.type != dns::RrType::Soa && (removed_.empty() || !removed_.contains(key_of(one)));
      if (stays && !put(one)) return wrong;
    }
  }
  for (const auto& [key, ttl] : added_) {
    if (!put(record_of(key, ttl))) return wrong;
  }
  return {};
}

}  // namespace fairlead::records
