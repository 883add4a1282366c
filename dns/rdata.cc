#include "dns/rdata.h"

#include <cstring>
#include <string_view>

#include "dns/reader.h"

namespace fairlead::dns {
namespace {

// What a type's rdata consists of: h two octets, a four octets, n a name that may come compressed,
// p a plain name, s a character-string, t character-strings up to the end, b a type bitmap up to
// the end (RFC 4034 §4.1.2), r anything up to the end, 1 at least one octet up to the end. Empty:
// not known.
std::string_view layout_of(RrType type) {
  switch (static_cast<uint16_t>(type)) {
    case 1:  // A
      return "a";
    case 28:  // AAAA
      return "aaaa";
    case 2:   // NS
    case 3:   // MD
    case 4:   // MF
    case 5:   // CNAME
    case 7:   // MB
    case 8:   // MG
    case 9:   // MR
    case 12:  // PTR
    case 39:  // DNAME
      return "n";
    case 6:  // SOA
      return "nnaaaaa";
    case 14:  // MINFO
    case 17:  // RP
      return "nn";
    case 15:  // MX
    case 18:  // AFSDB
    case 21:  // RT
    case 36:  // KX
      return "hn";
    case 33:  // SRV
      return "hhhn";
    case 13:  // HINFO
      return "ss";
    case 16:  // TXT
    case 99:  // SPF
      return "t";
    case 35:  // NAPTR
      return "hhsssn";
    case 43:  // DS
    case 59:  // CDS
      return "hh1";
    case 46:  // RRSIG
      return "hhaaahp1";
    case 47:  // NSEC
      return "pb";
    case 48:  // DNSKEY
    case 60:  // CDNSKEY
      return "hh1";
    case 50:  // NSEC3
      return "hhssb";
    case 51:  // NSEC3PARAM
      return "hhs";
    case 64:  // SVCB
    case 65:  // HTTPS
      return "hpr";
    default:
      return {};
  }
}

// One field after the other; what is read is copied to `out` when the type may hold compressed
// names, so that `out` ends up as the whole rdata.
class Fields {
 public:
  Fields(Reader in, uint8_t* out) : in_(in), out_(out) {}

  bool read(std::string_view layout) {
    for (const char field : layout) {
      if (!read(field)) return false;
    }
    return in_.at == in_.packet.size();
  }

  [[nodiscard]] size_t size() const { return size_; }

 private:
  bool read(char field) {
    switch (field) {
      case 'h':
        return take(2);
      case 'a':
        return take(4);
      case 'n':
        return compressed_name();
      case 'p':
        return plain_name();
      case 's':
        return string();
      case 't':
        return strings();
      case 'b':
        return bitmap();
      case '1':
        return in_.at < in_.packet.size() && take(in_.packet.size() - in_.at);
      default:
        return take(in_.packet.size() - in_.at);
    }
  }

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

  bool plain_name() {
    const size_t start = in_.at;
    for (;;) {
      const size_t size = in_.at < in_.packet.size() ? in_.packet[in_.at] + 1U : 0U;
      if (size == 0 || size > kMaxLabelSize + 1 || !take(size)) return false;
      if (size == 1) return in_.at - start <= kMaxNameSize;
    }
  }

  bool string() { return in_.at < in_.packet.size() && take(in_.packet[in_.at] + 1U); }

  bool strings() {
    do {
      if (!string()) return false;
    } while (in_.at < in_.packet.size());
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
  const std::string_view layout = layout_of(where.type);
  if (layout.empty()) return raw;
  const bool has_name = layout.find('n') != std::string_view::npos;
  Fields fields({packet.first(where.at + where.size), where.at},
                has_name ? buffer.data() : nullptr);
  if (!fields.read(layout)) return std::nullopt;
  return has_name ? std::span<const uint8_t>(buffer.data(), fields.size()) : raw;
}

}  // namespace fairlead::dns
