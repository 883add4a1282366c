// Walking over the records of a message, hostile or not: where each stands, not what it says.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dns/reader.h"
#include "dns/types.h"

namespace fairlead::dns {

/// Where a record stands in its message, and what is in front of its rdata (RFC 1035 §4.1.3).
struct RecordAt {
  Section section = Section::Answer;
  size_t owner_at = 0;
  RrType type = RrType::A;
  uint16_t rr_class = 0;
  uint32_t ttl = 0;
  size_t rdata_at = 0;
  uint16_t rdata_size = 0;  // rdata_at + rdata_size is within the message
  [[nodiscard]] size_t ttl_at() const { return rdata_at - 6; }
};

/// What the owner names does not matter, only where it ends. False when it cannot be read.
inline bool skip_name(Reader& in) {
  const bool is_root = in.ok && in.at < in.packet.size() && in.packet[in.at] == 0;  // as OPT's is
  in.at += is_root ? 1 : 0;
  return is_root || walk_name(in, [](NameView) { return true; });
}

/// The records of all three sections in order. The message must outlive this.
class RecordReader {
 public:
  /// How many records the sections have.
  using Counts = std::array<uint16_t, 3>;

  /// `in` stands behind the question section.
  RecordReader(const Reader& in, const Counts& counts) : in_(in), ok_(in.ok) { expect(counts); }

  /// A whole message: header and questions are walked over.
  explicit RecordReader(std::span<const uint8_t> message) : in_{message} {
    in_.skip(4);
    uint16_t questions = in_.u16();
    Counts counts;
    for (uint16_t& count : counts) count = in_.u16();
    expect(counts);
    ok_ = in_.ok;
    for (; ok_ && questions > 0; --questions) {
      ok_ = skip_name(in_);
      in_.skip(4);
    }
    ok_ = ok_ && in_.ok;
  }

  /// False behind the last record, and when one cannot be read. `read_owner` moves the reader
  /// behind the owner, and says whether that could be read.
  template <typename ReadOwner = bool (*)(Reader&)>
  bool next(RecordAt& record, ReadOwner read_owner = skip_name) {
    if (!ok_ || left_ == 0) return false;
    record.section = left_ > behind_answers_       ? Section::Answer
                     : left_ > behind_authorities_ ? Section::Authority
                                                   : Section::Additional;
    --left_;
    record.owner_at = in_.at;
    if (!(ok_ = read_owner(in_))) return false;
    if (!in_.need(kFixedSize)) return ok_ = false;
    const uint8_t* fixed = in_.packet.data() + in_.at;
    const auto u16 = [fixed](size_t i) {
      return static_cast<uint16_t>(fixed[i] << 8 | fixed[i + 1]);
    };
    record.type = static_cast<RrType>(u16(0));
    record.rr_class = u16(2);
    record.ttl = static_cast<uint32_t>(u16(4)) << 16 | u16(6);
    record.rdata_size = u16(8);
    record.rdata_at = in_.at + kFixedSize;
    in_.skip(kFixedSize + record.rdata_size);
    return ok_ = in_.ok;
  }

  /// False when what came last could not be read.
  [[nodiscard]] bool ok() const { return ok_; }

  /// True when that is because the message ends.
  [[nodiscard]] bool cut() const { return !in_.ok; }

  /// How many records are still to come.
  [[nodiscard]] size_t left() const { return left_; }

 private:
  static constexpr size_t kFixedSize = 10;  // from the type to RDLENGTH

  void expect(const Counts& counts) {
    behind_authorities_ = counts[2];
    behind_answers_ = behind_authorities_ + counts[1];
    left_ = behind_answers_ + counts[0];
  }

  Reader in_;
  uint32_t left_ = 0;
  uint32_t behind_answers_ = 0;  // how many are left there
  uint32_t behind_authorities_ = 0;
  bool ok_ = true;
};

}  // namespace fairlead::dns
