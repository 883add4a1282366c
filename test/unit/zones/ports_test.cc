#include "zones/ports.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace fairlead::zones {
namespace {

const std::vector<Port> kWeb = {{"HTTP", "TCP", 80}, {"metrics", "TCP", 9090}};

TEST_CASE("ports: names and protocols are lower case, in the order of the object") {
  const PortRecords ports(kWeb);
  REQUIRE(ports.size() == 2);
  CHECK(ports.begin()->name() == "http");
  CHECK(ports.begin()->protocol() == "tcp");
  CHECK(ports.all()[1].number == 9090);
  CHECK(matching_ports(ports, {.name = "http", .protocol = "tcp"}) == 1);
  CHECK(matching_ports(ports, {.name = {}, .protocol = "udp"}) == 0);
  CHECK(matching_ports(ports, {}) == 2);
  CHECK(matching_ports(PortRecords(), {}) == 1);
  CHECK(PortRecords(std::vector<Port>{}).empty());
}

TEST_CASE("port lists: equal ones are one, and which are equal does not depend on that") {
  PortLists lists;
  const PortRecords first = lists.of(kWeb);
  CHECK(lists.of(kWeb).all().data() == first.all().data());
  CHECK(PortRecords(kWeb).all().data() != first.all().data());
  CHECK(PortRecords(kWeb) == first);
  for (const std::vector<Port>& other :
       std::vector<std::vector<Port>>{{},
                                      {kWeb[0]},
                                      {kWeb[1], kWeb[0]},
                                      {{"http", "UDP", 80}, kWeb[1]},
                                      {{"http", "TCP", 81}, kWeb[1]},
                                      {{"h", "TTPTCP", 80}, kWeb[1]}}) {
    CHECK(lists.of(other) != first);
    CHECK(lists.of(other) == PortRecords(other));
  }
}

TEST_CASE("port lists: more of them than are kept are all as they were asked for") {
  PortLists lists;
  std::vector<PortRecords> kept;
  for (uint16_t i = 0; i < 2000; ++i) {
    kept.push_back(lists.of(std::vector<Port>{{"p" + std::to_string(i), "TCP", i}}));
    REQUIRE(kept.back().all()[0].name() == "p" + std::to_string(i));
  }
  for (uint16_t i = 0; i < 2000; ++i) CHECK(kept[i].all()[0].number == i);
}

}  // namespace
}  // namespace fairlead::zones
