// What the rdata of a type consists of, so that one table serves its reader, its writer and its
// text. Internal to dns/.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "dns/name.h"

namespace fairlead::dns {

/// One field of rdata in wire form.
enum class RdataField : uint8_t {
  U8,
  U16,
  U32,
  Address4,
  Address6,
  CompressibleName,  // a type of RFC 1035: may come compressed, and may be sent so (RFC 3597 §4)
  WholeName,         // may come compressed all the same; is sent whole
  PlainName,         // never compressed
  String,            // one character-string (RFC 1035 §3.3)
  Strings,           // one or more of them, up to the end
  TypeBitmap,        // up to the end, may be empty (RFC 4034 §4.1.2)
  Octets,            // at least one, up to the end
  Opaque,            // anything up to the end
};

/// The size of a field that always has the same; 0 for others.
constexpr size_t fixed_size(RdataField field) {
  switch (field) {
    case RdataField::U8:
      return 1;
    case RdataField::U16:
      return 2;
    case RdataField::U32:
    case RdataField::Address4:
      return 4;
    case RdataField::Address6:
      return 16;
    default:
      return 0;
  }
}

/// The fields of one type, in order. Iterable.
class RdataLayout {
 public:
  constexpr RdataLayout(std::initializer_list<RdataField> fields) {
    for (const RdataField field : fields) {
      if (fixed_fields_ == size_ && fixed_size(field) != 0) {
        ++fixed_fields_;
        fixed_front_ = static_cast<uint8_t>(fixed_front_ + fixed_size(field));
      }
      fields_[size_++] = field;
      const bool name = field == RdataField::CompressibleName || field == RdataField::WholeName;
      if (name) through_last_name_ = size_;
    }
  }
  [[nodiscard]] constexpr const RdataField* begin() const { return fields_.data(); }
  [[nodiscard]] constexpr const RdataField* end() const { return fields_.data() + size_; }

  /// True when a name in it may come compressed.
  [[nodiscard]] constexpr bool has_names() const { return through_last_name_ != 0; }

  /// Behind the last such name.
  [[nodiscard]] constexpr const RdataField* names_end() const {
    return fields_.data() + through_last_name_;
  }

  /// How many octets the fields in front that always have the same size take, and the field behind
  /// them.
  [[nodiscard]] constexpr size_t fixed_front() const { return fixed_front_; }
  [[nodiscard]] constexpr const RdataField* behind_fixed_front() const {
    return fields_.data() + fixed_fields_;
  }

 private:
  std::array<RdataField, 9> fields_{};
  uint8_t size_ = 0;
  uint8_t through_last_name_ = 0;
  uint8_t fixed_fields_ = 0;
  uint8_t fixed_front_ = 0;
};

/// How many octets a name without compression takes at the front of `octets`; 0 when there is none.
constexpr size_t plain_name_size(std::span<const uint8_t> octets) {
  const size_t limit = std::min(octets.size(), kMaxNameSize);
  for (size_t at = 0; at < limit; at += octets[at] + 1U) {
    if (octets[at] == 0) return at + 1;
    if (octets[at] > kMaxLabelSize) break;
  }
  return 0;
}

/// How many octets `field` takes at the front of `rdata`, which has no compressed names. 0 when it
/// does not stand there whole.
constexpr size_t field_size(RdataField field, std::span<const uint8_t> rdata) {
  size_t size = fixed_size(field);
  switch (field) {
    case RdataField::CompressibleName:
    case RdataField::WholeName:
    case RdataField::PlainName:
      size = plain_name_size(rdata);
      break;
    case RdataField::String:
      size = rdata.empty() ? 0 : rdata[0] + 1U;
      break;
    case RdataField::Strings:
    case RdataField::TypeBitmap:
    case RdataField::Octets:
    case RdataField::Opaque:
      size = rdata.size();
      break;
    default:
      break;
  }
  return size <= rdata.size() ? size : 0;
}

}  // namespace fairlead::dns
