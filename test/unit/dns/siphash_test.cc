#include "dns/siphash.h"

#include <doctest/doctest.h>

#include <array>

namespace fairlead::dns {
namespace {

TEST_CASE("siphash: the vectors of the paper's reference code") {
  // Key 00 01 … 0f; the input is 00 01 02 …, one octet longer each time.
  const HashKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  constexpr std::array<uint64_t, 16> kExpected{
      0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
      0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
      0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
      0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5};
  std::array<uint8_t, 16> input{};
  for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<uint8_t>(i);
  for (size_t size = 0; size < kExpected.size(); ++size) {
    CAPTURE(size);
    CHECK(siphash(key, std::span(input).first(size)) == kExpected[size]);
  }
}

TEST_CASE("siphash: another key, another hash") {
  const std::array<uint8_t, 3> input{1, 'a', 0};
  CHECK(siphash({1, 2}, input) != siphash({1, 3}, input));
  CHECK(siphash({1, 2}, input) != siphash({2, 2}, input));
}

}  // namespace
}  // namespace fairlead::dns
