// EDNS: versions, sizes, options, and what a limit does to a reply (RFC 6891, 7828, 7830, 7873,
// 9715).
#include <doctest/doctest.h>

#include "test/unit/support/protocol_server.h"

namespace fairlead {

using namespace test;

namespace {

constexpr char kMany[] = "many.default.svc.cluster.local.";
constexpr char kHuge[] = "huge.default.svc.cluster.local.";
constexpr uint16_t kTc = 0x0200;
constexpr uint32_t kDo = 0x8000;

Octets with_opt(const char* name, uint16_t size, uint32_t flags = 0, const Octets& options = {}) {
  return Packet({1, 0, 0, 1}).question(name, 1).opt(size, flags, options).octets();
}

TEST_CASE("edns: OPT comes back if and only if it was sent") {
  const ProtocolServer server;
  CHECK_FALSE(server.ask(Packet().question(kWeb, 1).octets()).opt);
  const Reply reply = server.ask(with_opt(kWeb, 4096));
  REQUIRE(reply.opt);
  CHECK(reply.opt->size == 1232);
  CHECK(reply.opt->version == 0);
  CHECK(reply.opt->flags == 0);
  CHECK(reply.opt->options.empty());
  CHECK(reply.records.size() == 1);
}

TEST_CASE("edns: two OPT records, and one whose owner is not the root, are malformed") {
  const ProtocolServer server;
  CHECK(server.udp(Packet({1, 0, 0, 2}).question(kWeb, 1).opt().opt().octets()) == form_err());
  CHECK(server.udp(Packet({1, 0, 0, 1}).question(kWeb, 1).record("x.", 41, 1232, {}).octets()) ==
        form_err());
  CHECK(server.udp(Packet({1, 1, 0, 0}).question(kWeb, 1).opt().octets()) == form_err());
}

TEST_CASE("edns: a version above 0 is BADVERS, with nothing but our OPT") {
  const ProtocolServer server;
  for (const uint32_t version : {1U, 100U, 255U}) {
    CAPTURE(version);
    for (const Octets& options :
         {Octets(), option(100, {1}), option(3, {}), option(10, Octets(8, 7))}) {
      const Reply reply = server.ask(with_opt(kWeb, 1232, version << 16 | kDo, options));
      CHECK(reply.rcode == 16);
      CHECK(reply.records.empty());
      REQUIRE(reply.opt);
      CHECK(reply.opt->version == 0);
      CHECK(reply.opt->options.empty());
    }
  }
}

TEST_CASE("edns: DO comes back, flags without a meaning do not") {
  const ProtocolServer server;
  const struct {
    uint32_t sent;
    uint16_t received;
  } rows[] = {{0, 0}, {kDo, 0x8000}, {0x0080, 0}, {0x7fff, 0}, {0xffff, 0x8000}};
  for (const auto& row : rows) {
    CAPTURE(row.sent);
    const Reply reply = server.ask(with_opt(kWeb, 1232, row.sent));
    CHECK(reply.rcode == 0);
    REQUIRE(reply.opt);
    CHECK(reply.opt->flags == row.received);
  }
}

TEST_CASE("edns: options that mean nothing here are neither answered nor echoed") {
  const ProtocolServer server;
  const struct {
    const char* what;
    Octets options;
  } rows[] = {
      {"unknown, with a value", option(100, {1, 2, 3})},
      {"unknown, empty", option(65001, {})},
      {"NSID", option(3, {})},
      {"client cookie", option(10, Octets(8, 1))},
      {"cookie of an odd length", option(10, Octets(5, 1))},
      {"padding", option(12, Octets(200, 0))},
      {"expire", option(9, {})},
      {"client subnet", option(8, {0, 1, 0, 0})},
      {"keepalive, over UDP", option(11, {})},
      {"keepalive with a value, over UDP", option(11, {0, 9})},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const Reply reply = server.ask(with_opt(kWeb, 1232, 0, row.options));
    CHECK(reply.rcode == 0);
    CHECK(reply.records.size() == 1);
    REQUIRE(reply.opt);
    CHECK(reply.opt->options.empty());
  }
}

TEST_CASE("edns: a thousand options are read once") {
  const ProtocolServer server;
  Octets many;
  for (int i = 0; i < 1000; ++i) many.insert(many.end(), {0xfd, 0xe9, 0, 0});
  REQUIRE(many.size() < listen::UdpBatch::kLargestQuery);
  const Octets query = Packet({1, 0, 0, 1})
                           .question("web.default.svc.cluster.local.", 1)
                           .opt(1232, 0, many)
                           .octets();
  REQUIRE(query.size() <= listen::UdpBatch::kLargestQuery);
  CHECK(server.ask(query).records.size() == 1);
}

TEST_CASE("edns: an option that ends behind its record is malformed") {
  const ProtocolServer server;
  CHECK(server.udp(with_opt(kWeb, 1232, 0, {0, 100, 0, 1})) == form_err());
  CHECK(server.udp(with_opt(kWeb, 1232, 0, {0, 100, 0xff, 0xff, 1})) == form_err());
  CHECK(server.udp(with_opt(kWeb, 1232, 0, {0, 100, 0})) == form_err());
}

TEST_CASE("edns: how large a reply gets over UDP") {
  const ProtocolServer server;
  const struct {
    uint16_t offered;  // 0: no OPT
    size_t limit;
  } rows[] = {{0, 512},     {1, 512},     {511, 512},   {512, 512},
              {1000, 1000}, {1232, 1232}, {4096, 1232}, {65535, 1232}};
  for (const auto& row : rows) {
    CAPTURE(row.offered);
    const Octets query =
        row.offered == 0 ? Packet().question(kMany, 1).octets() : with_opt(kMany, row.offered);
    const Reply reply = server.ask(query);
    CHECK(reply.rcode == 0);
    CHECK((reply.flags & kTc) != 0);
    CHECK(reply.size <= row.limit);
    // No record more would have fitted.
    CHECK(reply.size + 16 > row.limit);
    CHECK(reply.opt.has_value() == (row.offered != 0));
    CHECK(reply.question ==
          Octets(query.begin() + 12,
                 query.begin() + 12 + static_cast<ptrdiff_t>(reply.question.size())));
    CHECK(reply.records.size() == reply.counts[1]);
  }
}

TEST_CASE("edns: what fits is not marked as cut") {
  const ProtocolServer server;
  CHECK((server.ask(with_opt(kWeb, 512)).flags & kTc) == 0);
  CHECK((server.ask(Packet().question(kWeb, 33).octets()).flags & kTc) == 0);
}

TEST_CASE("edns: TCP gives all, up to the largest message") {
  const ProtocolServer server;
  const Reply many = server.ask_tcp(with_opt(kMany, 512));
  CHECK(many.counts[1] == 200);
  CHECK((many.flags & kTc) == 0);
  CHECK(many.opt);
  const Reply huge = server.ask_tcp(with_opt(kHuge, 512));
  CHECK((huge.flags & kTc) != 0);
  CHECK(huge.size > 65535 - 16);
  CHECK(huge.opt);
  CHECK((server.ask_tcp(Packet().question(kHuge, 1).octets()).flags & kTc) != 0);
}

TEST_CASE("edns: keepalive over TCP tells the idle limit, and takes no value (RFC 7828)") {
  const ProtocolServer server;
  const Reply reply = server.ask_tcp(with_opt(kWeb, 1232, 0, option(11, {})));
  REQUIRE(reply.opt);
  CHECK(reply.opt->options == option(11, {0, 100}));
  CHECK(listen::TcpOptions().idle == std::chrono::milliseconds(100) * 100);
  CHECK(server.tcp(with_opt(kWeb, 1232, 0, option(11, {0, 100}))) == form_err());
  CHECK(server.ask_tcp(with_opt(kWeb, 1232)).opt->options.empty());
}

TEST_CASE("edns: padding over clear TCP is not answered") {
  const ProtocolServer server;
  const Reply reply = server.ask_tcp(with_opt(kWeb, 1232, 0, option(12, Octets(100, 0))));
  REQUIRE(reply.opt);
  CHECK(reply.opt->options.empty());
}

}  // namespace
}  // namespace fairlead
