#include "dns/address.h"

#include <doctest/doctest.h>

#include <string>

#include "dns/types.h"

namespace fairlead::dns {
namespace {

TEST_CASE("address: text as inet_pton reads it, and RFC 5952 back") {
  for (const std::string text :
       {"0.0.0.0", "10.96.0.1", "255.255.255.255", "::", "::1", "fd00::1", "2001:db8:1::2"}) {
    CAPTURE(text);
    CHECK(IpAddress::from_text(text)->to_text() == text);
  }
  CHECK(IpAddress::from_text("FD00:0:0::01")->to_text() == "fd00::1");
  CHECK(IpAddress::from_text("::ffff:1.2.3.4")->is_v6());
  for (const std::string text : {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", " 1.2.3.4",
                                 "1.2.3.4 ", "::1%lo", ":::", "g::"}) {
    CAPTURE(text);
    CHECK_FALSE(IpAddress::from_text(text));
  }
  CHECK_FALSE(IpAddress::from_text(std::string("1.2.3.4\0", 8)));
  CHECK_FALSE(IpAddress::from_text(std::string(200, '1')));
}

TEST_CASE("address: loopback") {
  CHECK(IpAddress::from_text("127.0.0.53")->is_loopback());
  CHECK(IpAddress::from_text("::1")->is_loopback());
  CHECK_FALSE(IpAddress::from_text("128.0.0.1")->is_loopback());
  CHECK_FALSE(IpAddress::from_text("::2")->is_loopback());
  CHECK_FALSE(IpAddress::from_text("100::1")->is_loopback());
}

TEST_CASE("address: families do not compare equal") {
  CHECK(*IpAddress::from_text("0.0.0.0") != *IpAddress::from_text("::"));
}

TEST_CASE("address: as a label") {
  const struct {
    const char* address;
    const char* label;
  } cases[] = {
      {"10.0.0.1", "10-0-0-1"},
      {"fd00::1", "fd00--1"},
      {"fd00::", "fd00--0"},
      {"::", "--0"},
      {"::1", "--1"},
      {"1:2:3:4:5:6:7:8", "1-2-3-4-5-6-7-8"},
      {"1111:2222:3333:4444:5555:6666:7777:8888", "1111-2222-3333-4444-5555-6666-7777-8888"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.address);
    char buffer[kMaxAddressLabel + 2];
    const size_t size = address_label(*IpAddress::from_text(c.address), buffer);
    CHECK(std::string(buffer, size) == c.label);
  }
}

TEST_CASE("address: from a label") {
  const struct {
    const char* label;
    const char* address;  // empty: none
  } cases[] = {
      {"10-0-0-1", "10.0.0.1"},
      {"10-0-0", ""},
      {"10-0-0-256", ""},
      {"10-0-00-1", ""},
      {"fd00--1", "fd00::1"},
      {"--", "::"},
      {"--1", "::1"},
      {"1-2-3-4-5-6-7-8", "1:2:3:4:5:6:7:8"},
      {"fd00--1--2", ""},
      {"web", ""},
      {"", ""},
      {"-", ""},
      {"10.0.0.1", "10.0.0.1"},
      {"--ffff-102-304", "1.2.3.4"},
      {"fd00--0", "fd00::"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.label);
    const auto address = address_from_label(c.label);
    CHECK((address ? address->to_text() : "") == c.address);
  }
  CHECK_FALSE(address_from_label(std::string(63, '1')));
}

TEST_CASE("types: numbers and their names (RFC 3597)") {
  CHECK(to_text(RrType::A) == "A");
  CHECK(to_text(static_cast<RrType>(666)) == "TYPE666");
  CHECK(rr_type_from_text("aaaa") == RrType::Aaaa);
  CHECK(rr_type_from_text("Type28") == RrType::Aaaa);
  for (const std::string text : {"", "TYPE", "TYPE-1", "TYPE65536", "TYPE1x", "AAAAA"}) {
    CAPTURE(text);
    CHECK_FALSE(rr_type_from_text(text));
  }
  for (unsigned number = 0; number < 65536; ++number) {
    const auto type = static_cast<RrType>(number);
    if (rr_type_from_text(to_text(type)) != type) FAIL("type " << number);
  }
  CHECK(to_text(static_cast<RrClass>(7)) == "CLASS7");
  CHECK(to_text(Rcode::BadVers) == "BADVERS");
  CHECK(to_text(static_cast<Rcode>(23)) == "RCODE23");
}

}  // namespace
}  // namespace fairlead::dns
