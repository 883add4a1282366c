#include "dns/ipv4_embedding.h"

#include <algorithm>

namespace fairlead::dns {
namespace {

constexpr std::array<uint8_t, 16> kWellKnown{0x00, 0x64, 0xff, 0x9b};
constexpr int kWellKnownBits = 96;
constexpr size_t kReserved = 8;  // the octet that no address goes through

size_t next(size_t at) {
  return at + 1 == kReserved ? kReserved + 1 : at + 1;
}

}  // namespace

Ipv4Embedding::Ipv4Embedding() : Ipv4Embedding(kWellKnown, kWellKnownBits) {}

Ipv4Embedding::Ipv4Embedding(std::span<const uint8_t> prefix, int bits)
    : octets_(static_cast<size_t>(bits) / 8) {
  std::ranges::copy(prefix.first(octets_), prefix_.begin());
}

bool Ipv4Embedding::is_length(int bits) {
  constexpr int kLengths[] = {32, 40, 48, 56, 64, kWellKnownBits};
  return std::ranges::find(kLengths, bits) != std::end(kLengths);
}

IpAddress Ipv4Embedding::embed(const IpAddress& v4) const {
  std::array<uint8_t, 16> octets = prefix_;
  size_t at = octets_ == kReserved ? kReserved + 1 : octets_;
  for (const uint8_t octet : v4.octets()) {
    octets[at] = octet;
    at = next(at);
  }
  return IpAddress(octets);
}

std::optional<IpAddress> Ipv4Embedding::extract(const IpAddress& address) const {
  const std::span<const uint8_t> octets = address.octets();
  if (!address.is_v6() || !std::equal(prefix_.begin(), prefix_.begin() + octets_, octets.begin()))
    return std::nullopt;
  if (octets_ <= kReserved && octets[kReserved] != 0) return std::nullopt;
  std::array<uint8_t, 4> v4{};
  size_t at = octets_ == kReserved ? kReserved + 1 : octets_;
  for (uint8_t& octet : v4) {
    octet = octets[at];
    at = next(at);
  }
  return IpAddress(v4);
}

std::string Ipv4Embedding::to_text() const {
  return IpAddress(prefix_).to_text() + "/" + std::to_string(octets_ * 8);
}

}  // namespace fairlead::dns
