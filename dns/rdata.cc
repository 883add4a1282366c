#include "dns/rdata.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "dns/reader.h"
#include "dns/type_table.h"

namespace fairlead::dns {
namespace {

// The most that a field takes, names expanded.
constexpr size_t largest_size(RdataField field) {
  switch (field) {
    case RdataField::CompressibleName:
    case RdataField::WholeName:
    case RdataField::PlainName:
      return kMaxNameSize;
    case RdataField::String:
      return 256;
    default:
      return fixed_size(field) != 0 ? fixed_size(field) : 65535;
  }
}

// Every rdata that has to be copied fits into the buffer.
static_assert(std::ranges::all_of(kTypes, [](const TypeInfo& info) {
  size_t largest = 0;
  for (const RdataField field : info.layout) largest += largest_size(field);
  return !info.layout.has_names() || largest <= std::tuple_size_v<RdataBuffer>;
}));

// One field after the other; what is read is copied to `out` when the type may hold compressed
// names, so that `out` ends up as the whole rdata.
class Fields {
 public:
  Fields(Reader in, uint8_t* out) : in_(in), out_(out) {}

  bool read(const RdataLayout& layout) {
    for (const RdataField field : layout) {
      if (!read(field)) return false;
    }
    return in_.at == in_.packet.size();
  }

  [[nodiscard]] size_t size() const { return size_; }

 private:
  bool read(RdataField field) {
    switch (field) {
      case RdataField::CompressibleName:
      case RdataField::WholeName:
        return compressed_name();
      case RdataField::Strings:
        return strings();
      case RdataField::TypeBitmap:
        return bitmap();
      default: {
        const size_t size = field_size(field, left());
        return (size != 0 || field == RdataField::Opaque) && take(size);
      }
    }
  }

  [[nodiscard]] std::span<const uint8_t> left() const { return in_.packet.subspan(in_.at); }

  bool take(size_t size) {
    if (!in_.need(size)) return false;
    if (out_ != nullptr) std::memcpy(out_ + size_, in_.packet.data() + in_.at, size);
    size_ += size;
    in_.at += size;
    return true;
  }

  bool compressed_name() {
    if (out_ == nullptr) return false;  // a layout with names is always copied
    const size_t size = read_name(in_, out_ + size_);
    size_ += size;
    return size != 0;
  }

  bool strings() {
    do {
      const size_t size = field_size(RdataField::String, left());
      if (size == 0 || !take(size)) return false;
    } while (!left().empty());
    return true;
  }

  // Windows in rising order, each of 1–32 octets.
  bool bitmap() {
    for (int last = -1; in_.at < in_.packet.size();) {
      if (!in_.need(2)) return false;
      const int window = in_.packet[in_.at];
      const size_t size = in_.packet[in_.at + 1];
      if (window <= last || size == 0 || size > 32 || !take(2 + size)) return false;
      last = window;
    }
    return true;
  }

  Reader in_;  // its packet ends where the rdata ends
  uint8_t* out_;
  size_t size_ = 0;
};

}  // namespace

std::optional<std::span<const uint8_t>> read_rdata(std::span<const uint8_t> packet,
                                                   const RdataAt& where, RdataBuffer& buffer) {
  const std::span<const uint8_t> raw = packet.subspan(where.at, where.size);
  const RdataLayout& layout = layout_of(where.type);
  const bool copied = layout.has_names();
  Fields fields({packet.first(where.at + where.size), where.at}, copied ? buffer.data() : nullptr);
  if (!fields.read(layout)) return std::nullopt;
  return copied ? std::span<const uint8_t>(buffer.data(), fields.size()) : raw;
}

}  // namespace fairlead::dns
