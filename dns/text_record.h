// One record from the text of a zone file (RFC 1035 §5.1): the way back of dns/record_text.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"
#include "dns/rdata_from_text.h"
#include "dns/record_words.h"
#include "dns/types.h"

namespace fairlead::dns {

/// Reads what to_text(RrClass) writes, in any case. Empty when the text names no class.
std::optional<RrClass> rr_class_from_text(std::string_view text);

/// What a record leaves out (RFC 1035 §5.1, RFC 2308 §4).
struct RecordDefaults {
  NameView origin;              // of names without a final dot, and "@"
  const Name* owner = nullptr;  // of the record before; null: there is none
  // Without one an SOA has its minimum, a record with a class 0; others must have their own.
  std::optional<uint32_t> ttl;
};

/// Made for reuse by one thread: stops allocating after the first few. Linear in the text.
class TextRecord {
 public:
  static constexpr size_t kMaxText = 65535;
  static constexpr uint32_t kUsualTtl = 3600;  // of a record without one

  /// Reads the first record of `text`: owner, TTL and class (IN unless given) in either order,
  /// type, rdata; names without a final dot end there, "@" is the root. What follows its line is
  /// not looked at, but $TTL and its like are refused. Returns what is wrong, in the words of
  /// CoreDNS where that has some: `dns: bad A A: "x" at line: 1:9`; empty: it was read.
  std::string read(std::string_view text);

  /// Reads the record that `words` stand in front of, to the end of its line, for who reads a whole
  /// file: its $TTL and the like are names of owners here. An SOA without a TTL has its minimum
  /// for one.
  std::string read(RecordWords& words, const RecordDefaults& defaults);

  /// After a read that failed: the rest of the file can be read without this record. CoreDNS takes
  /// it, and what it sends of it is broken or nothing that a client could use.
  [[nodiscard]] bool can_be_left_out() const { return can_be_left_out_; }

  // Of the last text that was read without an error; the owner and its own TTL also of one that
  // can be left out.
  [[nodiscard]] NameView owner() const { return owner_.view(); }
  [[nodiscard]] RrType type() const { return type_; }
  [[nodiscard]] RrClass record_class() const { return class_; }
  [[nodiscard]] uint32_t ttl() const { return ttl_; }
  [[nodiscard]] bool has_own_ttl() const { return own_ttl_; }
  [[nodiscard]] std::span<const uint8_t> rdata() const { return rdata_; }

 private:
  std::string read_owner(RecordWords& words, const RecordDefaults& defaults);
  std::string read_head(RecordWords& words, const RecordDefaults& defaults);
  std::string read_type(const RecordWord& word, RrType type, bool lacks_ttl);

  Name owner_;
  RrType type_ = RrType::A;
  RrClass class_ = RrClass::In;
  uint32_t ttl_ = kUsualTtl;
  bool own_ttl_ = false;  // the text has one
  bool can_be_left_out_ = false;
  std::vector<uint8_t> rdata_;
  RdataFromText reader_;
};

}  // namespace fairlead::dns
