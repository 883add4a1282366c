// What the server makes of messages that are not quite queries: header, counts, names, classes and
// types.
#include <doctest/doctest.h>

#include "test/unit/support/protocol_server.h"

namespace fairlead {

using namespace test;

namespace {

constexpr uint16_t kQr = 0x8000;
constexpr uint16_t kAa = 0x0400;
constexpr uint16_t kCd = 0x0010;

Octets header_only(uint16_t flags) {
  return Packet({0, 0, 0, 0}, flags).octets();
}

TEST_CASE("protocol: fewer octets than a header get no reply (RFC 1035)") {
  const ProtocolServer server;
  const Octets whole = Packet().question(kWeb, 1).octets();
  for (size_t size = 0; size < 12; ++size) {
    CAPTURE(size);
    CHECK_FALSE(server.udp(Octets(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size))));
  }
  for (size_t size = 12; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(server.udp(Octets(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size))) ==
          form_err());
  }
}

TEST_CASE("protocol: a response gets no reply, so that two servers cannot talk for ever") {
  const ProtocolServer server;
  CHECK_FALSE(server.udp(Packet({1, 0, 0, 0}, kQr | kRd).question(kWeb, 1).octets()));
  CHECK_FALSE(server.udp(Packet({1, 0, 0, 0}, kQr | 15 << 11).question(kWeb, 1).octets()));
  CHECK_FALSE(server.tcp(Packet({1, 0, 0, 0}, kQr | kRd).question(kWeb, 1).octets()));
}

TEST_CASE("protocol: every opcode but QUERY is not implemented, without any flag") {
  const ProtocolServer server;
  for (uint16_t opcode = 1; opcode < 16; ++opcode) {
    CAPTURE(opcode);
    const auto bits = static_cast<uint16_t>(opcode << 11);
    const Octets expected = header_only(static_cast<uint16_t>(kQr | bits | 4));
    // NOTIFY is read, as a block may hear it (RFC 1996), and says which zone in its question.
    const Octets bare = header_only(static_cast<uint16_t>(kQr | bits | (opcode == 4 ? 1 : 4)));
    CHECK(server.udp(header_only(bits)) == bare);
    CHECK(server.udp(Packet({1, 0, 0, 0}, static_cast<uint16_t>(bits | 0x07f0))
                         .question(kWeb, 1)
                         .octets()) == expected);
  }
}

TEST_CASE("protocol: exactly one question (RFC 9619)") {
  const ProtocolServer server;
  CHECK(server.udp(header_only(kRd)) == form_err());
  CHECK(server.udp(Packet({2, 0, 0, 0}).question(kWeb, 1).question(kWeb, 28).octets()) ==
        form_err());
  CHECK(server.udp(Packet({2, 0, 0, 0}).question(kWeb, 1).question(kWeb, 1).octets()) ==
        form_err());
  CHECK(server.udp(Packet({0xffff, 0, 0, 0}).question(kWeb, 1).octets()) == form_err());
}

TEST_CASE("protocol: records that a query has no use for are few") {
  const ProtocolServer server;
  const Octets rdata{10, 0, 0, 9};
  const struct {
    std::array<uint16_t, 4> counts;
    bool answered;
  } rows[] = {{{1, 1, 0, 0}, true}, {{1, 0, 1, 0}, true},  {{1, 0, 0, 2}, true},
              {{1, 1, 1, 2}, true}, {{1, 2, 0, 0}, false}, {{1, 0, 2, 0}, false},
              {{1, 0, 0, 3}, false}};
  for (const auto& row : rows) {
    CAPTURE(row.counts[1]);
    CAPTURE(row.counts[2]);
    CAPTURE(row.counts[3]);
    Packet packet(row.counts);
    packet.question(kWeb, 1);
    for (int i = row.counts[1] + row.counts[2] + row.counts[3]; i > 0; --i)
      packet.record("x.", 1, 1, rdata);
    const Reply reply = server.ask(packet.octets());
    CHECK(reply.rcode == (row.answered ? 0 : 1));
    CHECK(reply.records.size() == (row.answered ? 1 : 0));
    if (!row.answered) CHECK(reply.size == 12);
  }
}

TEST_CASE("protocol: counts that promise more than there is, and records that are cut") {
  const ProtocolServer server;
  CHECK(server.udp(Packet({1, 1, 0, 0}).question(kWeb, 1).octets()) == form_err());
  CHECK(server.udp(Packet({1, 0, 0, 1}).question(kWeb, 1).octets()) == form_err());
  const Octets whole =
      Packet({1, 0, 0, 1}).question(kWeb, 1).opt(1232, 0, option(100, {1, 2, 3})).octets();
  const size_t question_end = Packet().question(kWeb, 1).octets().size();
  for (size_t size = question_end; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(server.udp(Octets(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size))) ==
          form_err());
  }
}

TEST_CASE(
    "protocol: pointers that lead nowhere, round in circles or forward (RFC 1035, RFC 9267)") {
  const ProtocolServer server;
  const struct {
    const char* what;
    Octets name;
  } rows[] = {
      {"to itself", {0xc0, 12}},
      {"into the header", {0xc0, 0}},
      {"into the header's end", {0xc0, 11}},
      {"forward", {0xc0, 20}},
      {"beyond the message", {0xff, 0xff}},
      {"half a pointer", {0xc0}},
      {"back into its label", {3, 'a', 'b', 'c', 0xc0, 12}},
      {"label type 01", {0x41, 'a', 0}},
      {"label type 10", {0x81, 'a', 0}},
      {"a label of 64", {64, 'a', 0}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    CHECK(server.udp(Packet().raw(row.name).u16(1).u16(1).octets()) == form_err());
    // The same as the owner of a record, where a pointer as such is fine.
    CHECK(server.udp(Packet({1, 0, 0, 1}).question(kWeb, 1).raw(row.name).octets()) == form_err());
  }
  const size_t owner_at = Packet().question(kWeb, 1).octets().size();
  const auto self = static_cast<uint16_t>(0xc000 | owner_at);
  CHECK(
      server.udp(
          Packet({1, 0, 0, 1}).question(kWeb, 1).u16(self).u16(1).u16(1).u32(0).u16(0).octets()) ==
      form_err());
}

TEST_CASE("protocol: an owner that points back is read") {
  const ProtocolServer server;
  const Octets query =
      Packet({1, 0, 0, 1}).question(kWeb, 1).u16(0xc00c).u16(1).u16(1).u32(0).u16(0).octets();
  CHECK(server.ask(query).rcode == 0);
}

TEST_CASE("protocol: names of at most 255 octets, with an end") {
  const ProtocolServer server;
  Octets name;
  for (int i = 0; i < 3; ++i) {
    name.push_back(63);
    name.insert(name.end(), 63, 'a');
  }
  Octets longest = name;
  longest.push_back(61);
  longest.insert(longest.end(), 61, 'b');
  longest.push_back(0);
  REQUIRE(longest.size() == 255);
  CHECK(server.ask(Packet().raw(longest).u16(1).u16(1).octets()).rcode == 5);
  Octets too_long = name;
  too_long.push_back(62);
  too_long.insert(too_long.end(), 62, 'b');
  too_long.push_back(0);
  CHECK(server.udp(Packet().raw(too_long).u16(1).u16(1).octets()) == form_err());
  CHECK(server.udp(Packet().raw(name).octets()) == form_err());
  CHECK(server.udp(Packet({1, 0, 0, 1})
                       .question(kWeb, 1)
                       .raw(too_long)
                       .u16(1)
                       .u16(1)
                       .u32(0)
                       .u16(0)
                       .octets()) == form_err());
}

TEST_CASE("protocol: rdata beyond the end of the message") {
  const ProtocolServer server;
  CHECK(
      server.udp(
          Packet({1, 0, 0, 1}).question(kWeb, 1).u8(0).u16(1).u16(1).u32(0).u16(0xffff).octets()) ==
      form_err());
  CHECK(server.udp(
            Packet({1, 0, 0, 1}).question(kWeb, 1).u8(0).u16(41).u16(512).u32(0).u16(1).octets()) ==
        form_err());
}

TEST_CASE("protocol: octets behind the message are neither read nor sent back") {
  const ProtocolServer server;
  const Octets plain = Packet().question(kWeb, 1).octets();
  Octets more = plain;
  more.insert(more.end(), 300, 0xaa);
  CHECK(server.udp(more) == server.udp(plain));
}

TEST_CASE("protocol: labels are octets, compared whole and without ASCII case") {
  const ProtocolServer server;
  CHECK(
      server.ask(Packet().question("WEB.Default.svc.CLUSTER.local.", 1).octets()).records.size() ==
      1);
  for (const char* name :
       {"w\\000b.default.svc.cluster.local.", "web\\.default.svc.cluster.local.",
        "web.default\\.svc.cluster.local.", "w\\255b.default.svc.cluster.local.",
        "web\\000.default.svc.cluster.local.", "\\032web.default.svc.cluster.local."}) {
    CAPTURE(name);
    const Octets query = Packet().question(name, 1).octets();
    const Reply reply = server.ask(query);
    CHECK(reply.rcode == 3);
    CHECK(reply.question == Octets(query.begin() + 12, query.end()));
  }
}

TEST_CASE(
    "protocol: the question comes back octet for octet, so does the case of an answer's owner") {
  const ProtocolServer server;
  const Octets query = Packet().question("wEb.dEFAult.sVc.cLuStEr.LoCaL.", 1).octets();
  const Reply reply = server.ask(query);
  CHECK(reply.question == Octets(query.begin() + 12, query.end()));
  REQUIRE(reply.records.size() == 1);
  CHECK(reply.records[0].owner == Octets{0xc0, 12});
}

TEST_CASE("protocol: classes other than IN are refused") {
  const ProtocolServer server;
  for (const uint16_t rr_class : {0, 2, 3, 4, 254, 255, 65535}) {
    CAPTURE(rr_class);
    const Octets query = Packet().question(kWeb, 1, rr_class).octets();
    const Reply reply = server.ask(query);
    CHECK(reply.rcode == 5);
    CHECK(reply.records.empty());
    CHECK(reply.question == Octets(query.begin() + 12, query.end()));
  }
}

TEST_CASE("protocol: odd types at a name that exists are NODATA with a SOA") {
  const ProtocolServer server;
  for (const uint16_t type : {0, 41, 46, 47, 64, 65, 249, 250, 253, 254, 255, 666, 65535}) {
    CAPTURE(type);
    const Reply reply = server.ask(Packet().question(kWeb, type).octets());
    CHECK(reply.rcode == 0);
    CHECK((reply.flags & kAa) != 0);
    CHECK(reply.counts == std::array<uint16_t, 4>{1, 0, 1, 0});
    REQUIRE(reply.records.size() == 1);
    CHECK(reply.records[0].type == 6);
  }
}

TEST_CASE("protocol: zone transfers give nothing away over either transport") {
  const ProtocolServer server;
  for (const uint16_t type : {251, 252}) {
    CAPTURE(type);
    const Octets query = Packet().question("cluster.local.", type).octets();
    for (const Reply& reply : {server.ask(query), server.ask_tcp(query)}) {
      CHECK(reply.rcode == 5);
      CHECK(reply.records.empty());
    }
  }
}

TEST_CASE("protocol: ANY gets no large reply (RFC 8482)") {
  const ProtocolServer server;
  const Octets query =
      Packet({1, 0, 0, 1}).question("many.default.svc.cluster.local.", 255).opt(4096).octets();
  const Reply reply = server.ask(query);
  CHECK(reply.counts[1] == 0);
  CHECK(reply.size < 200);
}

TEST_CASE("protocol: flags that a query may not set are ignored, RD and CD come back") {
  const ProtocolServer server;
  const struct {
    uint16_t sent, received;
  } rows[] = {
      {0, kQr | kAa},         {kRd, kQr | kAa | kRd},
      {kCd, kQr | kAa | kCd}, {0x0020, kQr | kAa},
      {0x0040, kQr | kAa},    {0x0080, kQr | kAa},
      {0x0200, kQr | kAa},    {0x0400, kQr | kAa},
      {0x000f, kQr | kAa},    {0x07f0, kQr | kAa | kRd | kCd},
  };
  for (const auto& row : rows) {
    CAPTURE(row.sent);
    const Reply reply = server.ask(Packet({1, 0, 0, 0}, row.sent).question(kWeb, 1).octets());
    CHECK(reply.flags == row.received);
    CHECK(reply.rcode == 0);
    CHECK(reply.records.size() == 1);
  }
}

TEST_CASE("protocol: what is not understood is not amplified") {
  const ProtocolServer server;
  for (const Octets& query :
       {header_only(kRd), header_only(5 << 11), Packet({1, 0, 0, 0}).raw({0xc0, 12}).octets()}) {
    const auto reply = server.udp(query);
    REQUIRE(reply);
    CHECK(reply->size() <= query.size());
  }
  CHECK(server.ask(Packet().question("no.such.name.cluster.local.", 1).octets()).size < 200);
}

TEST_CASE(
    "protocol: TSIG in the wrong place or class is malformed, an unknown key is said so (RFC "
    "8945)") {
  const ProtocolServer server;
  Octets tsig;
  for (const Octets& part :
       {Octets{11}, octets("hmac-sha256"), Octets{0}, Octets{0, 0, 0x65, 0, 0, 0, 1, 44},
        Octets{0, 4, 1, 2, 3, 4}, Octets{0x12, 0x34}, Octets{0, 0}, Octets{0, 0}}) {
    tsig.insert(tsig.end(), part.begin(), part.end());
  }
  const Reply reply = server.ask(
      Packet({1, 0, 0, 1}).question(kWeb, 1).record("some.key.", 250, 255, tsig).octets());
  CHECK(reply.rcode == 9);
  REQUIRE(reply.records.size() == 1);
  CHECK(reply.records[0].type == 250);
  CHECK(reply.records[0].rr_class == 255);
  Octets expected = tsig;  // no MAC, error BADKEY
  expected.erase(expected.begin() + 23, expected.begin() + 27);
  expected[22] = 0;
  expected[expected.size() - 3] = 17;
  CHECK(reply.records[0].rdata == expected);

  const Octets form_error = form_err();
  CHECK(server.udp(
            Packet({1, 0, 0, 1}).question(kWeb, 1).record("some.key.", 250, 1, tsig).octets()) ==
        form_error);
  CHECK(server.udp(Packet({1, 0, 0, 2})
                       .question(kWeb, 1)
                       .record("some.key.", 250, 255, tsig)
                       .opt()
                       .octets()) == form_error);
  CHECK(server.udp(Packet({1, 0, 0, 2})
                       .question(kWeb, 1)
                       .record("a.", 250, 255, tsig)
                       .record("b.", 250, 255, tsig)
                       .octets()) == form_error);
  CHECK(server.udp(
            Packet({1, 1, 0, 0}).question(kWeb, 1).record("some.key.", 250, 255, tsig).octets()) ==
        form_error);
  tsig.pop_back();
  CHECK(server.udp(
            Packet({1, 0, 0, 1}).question(kWeb, 1).record("some.key.", 250, 255, tsig).octets()) ==
        form_error);
}

}  // namespace
}  // namespace fairlead
