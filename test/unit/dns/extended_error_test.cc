#include "dns/extended_error.h"

#include <doctest/doctest.h>

#include <string_view>

using namespace fairlead::dns;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view kHead = "\0\1\x81\x82\0\1\0\1\0\0\0\2"sv;
constexpr std::string_view kQuestion = "\1a\0\0\1\0\1"sv;
constexpr std::string_view kAnswer = "\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4"sv;
constexpr std::string_view kExtra = "\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4"sv;
constexpr std::string_view kOpt = "\0\0\x29\4\xd0\0\0\0\0"sv;  // without its length

std::string error_in(std::string_view options) {
  std::string packet;
  packet.append(kHead).append(kQuestion).append(kAnswer).append(kExtra).append(kOpt);
  packet += {static_cast<char>(options.size() >> 8), static_cast<char>(options.size())};
  packet.append(options);
  return read_extended_error({reinterpret_cast<const uint8_t*>(packet.data()), packet.size()});
}

}  // namespace

TEST_CASE("extended error: code and text") {
  const std::pair<std::string_view, const char*> rows[] = {
      {"\0\x0f\0\2\0\x16"sv, "22"},
      {"\0\x0f\0\7\0\x16 away"sv, "22 ( away)"},
      {"\0\x0f\0\4\0\0\x07\xff"sv,
       "0 (?"
       "?)"},
      {"\0\x0a\0\3xyz\0\x0f\0\2\0\3"sv, "3"},  // behind another option
      {"\0\x0f\0\2\0\1\0\x0f\0\2\0\2"sv, "1"},
      {""sv, ""},
      {"\0\x0f\0\1\0"sv, ""},      // too short for a code
      {"\0\x0f\0\x09\0\1"sv, ""},  // longer than the record
      {"\0\x0f\0"sv, ""},
  };
  for (const auto& [options, text] : rows) {
    CAPTURE(text);
    CHECK(error_in(options) == text);
  }
}

TEST_CASE("extended error: a message that ends early says nothing") {
  std::string packet;
  packet.append(kHead).append(kQuestion).append(kAnswer).append(kExtra).append(kOpt);
  packet.append("\0\6\0\x0f\0\2\0\1"sv);
  const auto* octets = reinterpret_cast<const uint8_t*>(packet.data());
  CHECK(read_extended_error({octets, packet.size()}) == "1");
  for (size_t size = 0; size < packet.size(); ++size) {
    CAPTURE(size);
    CHECK(read_extended_error({octets, size}).empty());
  }
}
