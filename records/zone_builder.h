// Makes a zone of records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dns/name.h"
#include "dns/types.h"
#include "records/zone.h"

namespace fairlead::records {

/// Appends rdata, as for ZoneBuilder::add(), as it lies in zones.
void append_stored(dns::RrType type, std::span<const uint8_t> rdata, std::vector<uint8_t>& out);

/// Used once, by one thread.
class ZoneBuilder {
 public:
  /// `origin` is lower-cased, as all owners become.
  explicit ZoneBuilder(const dns::Name& origin) : origin_(origin) {}

  /// `rdata` is well formed and has no compressed names; in NS, CNAME, MX, SOA, SVCB and HTTPS they
  /// become lower case. Returns what is wrong with the zone then, empty for nothing: records that
  /// zones here cannot have (NSEC3), an SOA of another zone, too much of everything.
  std::string add(dns::NameView owner, dns::RrType type, uint32_t ttl,
                  std::span<const uint8_t> rdata);

  /// Records that lie outside the zone: taken, and never found.
  [[nodiscard]] size_t outside() const { return outside_; }
  [[nodiscard]] bool has_soa() const { return has_soa_; }

  /// Makes room for the records of a text of so many octets, which saves copies on the way. It is
  /// address space; memory comes as records do.
  void expect_text(size_t octets);

  /// Only when has_soa(). Equal records are one, of several SOA records the last counts.
  std::shared_ptr<const Zone> finish();

 private:
  struct Entry {
    uint32_t name_at = 0;  // in octets_, the record behind it
    uint8_t name_size = 0;
    dns::RrType type = dns::RrType::A;
  };
  [[nodiscard]] dns::NameView name(const Entry& entry) const {
    return {octets_.data() + entry.name_at, entry.name_size};
  }
  [[nodiscard]] std::span<const uint8_t> record(const Entry& entry) const;
  [[nodiscard]] size_t end_of_name(size_t first) const;
  void put_name(Zone& zone, dns::NameView name) const;
  void put_above(Zone& zone, dns::NameView before, dns::NameView name) const;
  void put_records(Zone& zone, size_t first, size_t end);
  static void put_table(Zone& zone);
  static void mark_wildcards(Zone& zone);

  const dns::Name origin_;
  std::vector<uint8_t> octets_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> sorted_;  // scratch of put_records
  size_t outside_ = 0;
  bool has_soa_ = false;
};

}  // namespace fairlead::records
