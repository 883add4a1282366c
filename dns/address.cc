#include "dns/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace fairlead::dns {
namespace {

constexpr std::array<uint8_t, 12> kV4Mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// By hand: inet_ntop(3) takes a printf for each, and every endpoint without a name has one.
size_t v4_label(std::span<const uint8_t> octets, char* out) {
  char* at = out;
  for (const uint8_t octet : octets) {
    if (at != out) *at++ = '-';
    at = std::to_chars(at, at + 3, unsigned{octet}).ptr;
  }
  return static_cast<size_t>(at - out);
}

}  // namespace

IpAddress::IpAddress(std::span<const uint8_t> octets) {
  if (octets.size() != 4 && octets.size() != 16) return;
  v6_ = octets.size() == 16;
  std::ranges::copy(octets, octets_.begin());
}

std::optional<IpAddress> IpAddress::from_text(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  if (std::strlen(buffer) != text.size()) return std::nullopt;
  std::array<uint8_t, 16> octets{};
  if (inet_pton(AF_INET, buffer, octets.data()) == 1) {
    return IpAddress(std::span(octets).first(4));
  }
  if (inet_pton(AF_INET6, buffer, octets.data()) == 1) return IpAddress(octets);
  return std::nullopt;
}

bool IpAddress::is_loopback() const {
  if (!v6_) return octets_[0] == 127;
  return std::all_of(octets_.begin(), octets_.end() - 1, [](uint8_t o) { return o == 0; }) &&
         octets_[15] == 1;
}

std::string IpAddress::to_text() const {
  char buffer[INET6_ADDRSTRLEN];
  if (inet_ntop(v6_ ? AF_INET6 : AF_INET, octets_.data(), buffer, sizeof buffer) == nullptr)
    return {};
  return buffer;
}

size_t dashed_address(const IpAddress& address, char* out) {
  if (!address.is_v6()) return v4_label(address.octets(), out);
  if (inet_ntop(AF_INET6, address.octets().data(), out, 47) == nullptr) return 0;
  const size_t size = std::strlen(out);
  for (size_t i = 0; i < size; ++i) {
    if (out[i] == '.' || out[i] == ':') out[i] = '-';
  }
  return size;
}

bool spells_exactly(std::string_view label, const IpAddress& address) {
  char text[48];
  return label == std::string_view(text, dashed_address(address, text));
}

size_t address_label(const IpAddress& address, char* out) {
  size_t size = dashed_address(address, out);
  if (size > 0 && out[size - 1] == '-') out[size++] = '0';
  return size;
}

std::optional<IpAddress> address_from_label(std::string_view label) {
  if (label.size() > kMaxAddressLabel) return std::nullopt;
  const bool v4 = std::ranges::count(label, '-') == 3 && label.find("--") == std::string_view::npos;
  std::array<char, kMaxAddressLabel> text;
  std::ranges::replace_copy(label, text.begin(), '-', v4 ? '.' : ':');
  auto address = IpAddress::from_text({text.data(), label.size()});
  if (!address || !address->is_v6()) return address;
  // An IPv4-mapped address is the IPv4 address: it is published as an A record.
  if (std::ranges::equal(address->octets().first(12), kV4Mapped)) {
    return IpAddress(address->octets().last(4));
  }
  return address;
}

}  // namespace fairlead::dns
