// Where the records of an upstream's reply stand: one pass over the message, before anything is
// taken from it.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dns/name.h"
#include "dns/record_reader.h"
#include "dns/response.h"
#include "dns/types.h"

namespace fairlead::dns {

/// One record of class IN. Set by the index only.
struct IndexedRecord {
  uint16_t owner_at;
  RrType type;
  uint16_t rdata_at;
  uint16_t rdata_size;
  uint32_t ttl;
  uint32_t owner_hash;  // of the folded owner: hash_of(owner)
};

/// Folds ASCII case.
uint32_t hash_of(NameView name);

/// The answer and authority sections of one message, which must outlive it; kept on the stack, most
/// of it untouched.
class ResponseIndex {
 public:
  /// Reads the header of a message of at most 65,535 octets (what is more is not looked at) and
  /// checks that it replies to `question` under `id`. None, or why it is not ours.
  ResponseFault read_head(std::span<const uint8_t> packet, uint16_t id, const Question& question);

  /// Walks over all records. With TC set a message may end within a record: what came before it
  /// counts.
  ResponseFault read_records();

  [[nodiscard]] std::span<const uint8_t> packet() const { return packet_; }
  [[nodiscard]] uint16_t flags() const { return flags_; }
  [[nodiscard]] bool truncated() const { return (flags_ & 0x0200) != 0; }
  [[nodiscard]] bool has_edns() const { return has_edns_; }
  [[nodiscard]] Rcode rcode() const {
    return static_cast<Rcode>(extended_rcode_ << 4 | (flags_ & 0xf));
  }
  [[nodiscard]] bool has_dname() const { return has_dname_; }

  [[nodiscard]] std::span<IndexedRecord> answers() { return {records_.data(), answers_}; }
  [[nodiscard]] std::span<IndexedRecord> authorities() {
    return {records_.data() + answers_, size_ - answers_};
  }

 private:
  static constexpr size_t kMaxMessage = 65535;
  static constexpr size_t kMinRecord = 11;

  ResponseFault take_record(const RecordAt& at, uint32_t owner_hash);
  ResponseFault read_opt(const RecordAt& record);
  bool hash_owner(Reader& in, uint32_t& hash);

  std::span<const uint8_t> packet_;
  size_t at_ = 0;  // where the records start
  uint16_t flags_ = 0;
  RrClass class_ = RrClass::In;  // of the records that count
  std::array<uint16_t, 3> counts_{};
  uint16_t extended_rcode_ = 0;
  bool has_edns_ = false;
  bool has_dname_ = false;
  uint16_t last_pointer_ = 0;  // the previous owner, when it was a pointer alone
  uint32_t last_hash_ = 0;
  size_t answers_ = 0;
  size_t size_ = 0;
  std::array<IndexedRecord, kMaxMessage / kMinRecord> records_;  // only the first size_ are set
};

}  // namespace fairlead::dns
