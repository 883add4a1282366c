// A zone of records that came as text: constant once made (records/zone_builder.h), shared by all
// workers. Names and records lie in one block of octets, in canonical order (RFC 4034 §6.1), and a
// table of hashes finds them: 50 to 60 octets for an address record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "dns/name.h"
#include "dns/types.h"

namespace fairlead::records {

/// One record as it lies in a zone. Its views are into that.
struct ZoneRecord {
  dns::RrType type = dns::RrType::A;
  uint32_t ttl = 0;
  std::span<const uint8_t> rdata;  // wire form, without compressed names
};

/// The records of one name, by type, those of one type in the order of the file. Iterable.
class RecordsOfName {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = ZoneRecord;
    using difference_type = std::ptrdiff_t;
    using pointer = const ZoneRecord*;
    using reference = ZoneRecord;
    explicit Iterator(const uint8_t* at) : at_(at) {}
    ZoneRecord operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator&) const = default;

   private:
    const uint8_t* at_;
  };
  RecordsOfName(const uint8_t* begin, const uint8_t* end) : begin_(begin), end_(end) {}
  [[nodiscard]] Iterator begin() const { return Iterator(begin_); }
  [[nodiscard]] Iterator end() const { return Iterator(end_); }
  [[nodiscard]] bool empty() const { return begin_ == end_; }

 private:
  const uint8_t* begin_;
  const uint8_t* end_;
};

/// Negative, 0 or positive as `a` stands before, at or behind `b` in canonical order; both are
/// lower-cased.
int compare_names(dns::NameView a, dns::NameView b);

class Zone {
 public:
  /// A name that exists: with records, or with such a name below it.
  struct Node {
    uint32_t name_at = 0;  // its records lie behind the name
    uint8_t name_size = 0;
    bool is_cut : 1 = false;     // NS below the apex: what lies below is another zone
    bool has_dname : 1 = false;  // what lies below is elsewhere (RFC 6672 §2)
    bool has_cname : 1 = false;
    bool has_wildcard : 1 = false;  // below it
  };

  [[nodiscard]] dns::NameView origin() const { return name(apex()); }
  [[nodiscard]] uint32_t serial() const { return serial_; }
  [[nodiscard]] size_t record_count() const { return record_count_; }
  [[nodiscard]] size_t name_count() const { return nodes_.size() - 1; }
  /// All that it takes.
  [[nodiscard]] size_t octets() const;

  [[nodiscard]] const Node& apex() const { return nodes_.front(); }
  /// One of name_count(), in canonical order.
  [[nodiscard]] const Node& node(size_t number) const { return nodes_[number]; }
  /// All names that exist, in canonical order.
  [[nodiscard]] std::span<const Node> nodes() const {
    return std::span(nodes_).first(name_count());
  }
  /// Null when the name (lower-cased) does not exist. Says nothing of cuts above it.
  [[nodiscard]] const Node* find(dns::NameView name) const;
  [[nodiscard]] dns::NameView name(const Node& node) const {
    return {octets_.data() + node.name_at, node.name_size};
  }
  [[nodiscard]] RecordsOfName records(const Node& node) const {
    const uint8_t* const block = octets_.data();
    return {block + node.name_at + node.name_size, block + (&node + 1)->name_at};
  }
  /// The name with an NSEC record that stands at or before `name`; null in a zone without them, as
  /// each that has some has one at its apex.
  [[nodiscard]] const Node* nsec_before(dns::NameView name) const;

 private:
  friend class ZoneBuilder;
  Zone() = default;
  [[nodiscard]] uint32_t tag_of(uint64_t hash) const {
    return static_cast<uint32_t>(hash >> 32) & ~number_mask_;
  }

  std::vector<uint8_t> octets_;  // for each node its name, then its records
  std::vector<Node> nodes_;      // in canonical order, and one that ends the last
  // Numbers of nodes, one more, and above them what else of the hash has room: a name that is
  // another's costs no look at the node. 0: free.
  std::vector<uint32_t> table_;
  uint32_t number_mask_ = 0;
  std::vector<uint32_t> nsec_nodes_;  // those with an NSEC record, in canonical order
  uint64_t seed_ = 0;
  uint32_t serial_ = 0;
  size_t record_count_ = 0;
};

/// A place on the way from the apex down to a name.
struct Place {
  const Zone::Node* closest = nullptr;  // the name, or the last above it that exists
  bool exact = false;
  const Zone::Node* cut = nullptr;    // delegated here: nothing below is looked at
  const Zone::Node* dname = nullptr;  // redirected here, the name being below
};

/// `name` is lower-cased and lies at or below the zone's apex. With `at_parent` a cut at the name
/// itself is none: DS records lie above it (RFC 4035 §3.1.4.1).
Place locate(const Zone& zone, dns::NameView name, bool at_parent);

/// The wildcard that speaks for names below `closest`, which do not exist (RFC 4592 §3.3.1); null
/// when there is none.
const Zone::Node* wildcard_below(const Zone& zone, const Zone::Node& closest);

}  // namespace fairlead::records
