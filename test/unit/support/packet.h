// DNS messages for protocol tests, built octet by octet.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "dns/name.h"
#include "test/unit/support/client.h"

namespace fairlead::test {

inline constexpr uint16_t kRd = 0x0100;

/// A message under construction.
class Packet {
 public:
  /// `counts`: questions, answers, authorities, additionals.
  explicit Packet(std::array<uint16_t, 4> counts = {1, 0, 0, 0}, uint16_t flags = kRd,
                  uint16_t id = 0x1234) {
    u16(id).u16(flags);
    for (const uint16_t count : counts) u16(count);
  }

  Packet& u8(uint8_t value) {
    octets_.push_back(value);
    return *this;
  }
  Packet& u16(uint32_t value) {
    return u8(static_cast<uint8_t>(value >> 8)).u8(static_cast<uint8_t>(value));
  }
  Packet& u32(uint32_t value) { return u16(value >> 16).u16(value & 0xffff); }
  Packet& raw(std::span<const uint8_t> more) {
    octets_.insert(octets_.end(), more.begin(), more.end());
    return *this;
  }
  Packet& raw(std::initializer_list<uint8_t> more) {
    return raw(std::span(more.begin(), more.size()));
  }
  Packet& name(const std::string& text) { return raw(dns::Name::from_text(text)->view()); }

  Packet& question(const std::string& qname, uint16_t type, uint16_t rr_class = 1) {
    return name(qname).u16(type).u16(rr_class);
  }
  Packet& record(const std::string& owner, uint16_t type, uint16_t rr_class,
                 std::span<const uint8_t> rdata) {
    return name(owner)
        .u16(type)
        .u16(rr_class)
        .u32(0)
        .u16(static_cast<uint32_t>(rdata.size()))
        .raw(rdata);
  }

  /// An OPT record; `flags` are its TTL: extended rcode, version, DO and the rest.
  Packet& opt(uint16_t size = 1232, uint32_t flags = 0, std::span<const uint8_t> options = {}) {
    return u8(0)
        .u16(41)
        .u16(size)
        .u32(flags)
        .u16(static_cast<uint32_t>(options.size()))
        .raw(options);
  }

  [[nodiscard]] const Octets& octets() const { return octets_; }

 private:
  Octets octets_;
};

/// One EDNS option.
inline Octets option(uint16_t code, const Octets& value) {
  Octets out{static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code),
             static_cast<uint8_t>(value.size() >> 8), static_cast<uint8_t>(value.size())};
  out.insert(out.end(), value.begin(), value.end());
  return out;
}

}  // namespace fairlead::test
