#include "dns/render.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dns/parse.h"
#include "test/scenarios/wire.h"

namespace fairlead::dns {
namespace {

using scenarios::Octets;
using scenarios::Question;
using scenarios::Reply;

// A query as it came over the network, and the packet that it looks into.
struct Asked {
  explicit Asked(const std::string& line)
      : question(scenarios::parse_question(line)), packet(scenarios::encode(question)) {
    const auto transport = question.tcp ? Transport::Tcp : Transport::Udp;
    parsed = parse_query(packet, transport, query);
  }
  Question question;
  Octets packet;
  Query query;
  Parsed parsed;
};

Octets rendered(const Asked& asked, const Answer& answer, size_t room = kMaxTcpReply) {
  Octets out(room);
  out.resize(render(asked.query, answer, out));
  return out;
}

Reply decoded(const Octets& message) {
  std::string error;
  auto reply = scenarios::decode(message, &error);
  REQUIRE_MESSAGE(reply, error);
  return *reply;
}

Name name(const std::string& text) {
  return *Name::from_text(text);
}
IpAddress address(const std::string& text) {
  return *IpAddress::from_text(text);
}

void add_addresses(Answer& answer, int count) {
  for (int i = 0; i < count; ++i) {
    const std::array<uint8_t, 4> octets{10, 0, static_cast<uint8_t>(i >> 8),
                                        static_cast<uint8_t>(i)};
    answer.add_address(Section::Answer, kQname, 5, IpAddress(octets));
  }
}

TEST_CASE("render: records of every kind come out as they went in") {
  const Asked asked("web.x. ANY tcp");
  Answer answer;
  answer.authoritative = true;
  const NameRef web = answer.add_name(name("web.x").view());
  const NameRef host = answer.add_name("ns", name("x").view());
  answer.add_address(Section::Answer, kQname, 1, address("10.0.0.1"));
  answer.add_address(Section::Answer, web, 2, address("fd00::1"));
  answer.add_srv(kQname, 3, {.priority = 1, .weight = 2, .port = 3, .target = host});
  answer.add_txt(kQname, 4, "a \"b\"");
  answer.add_name_record(RrType::Ns, Section::Authority, kQname, 5, host);
  answer.add_soa(Section::Authority, web, 6, {host, web, 1, 2, 3, 4, 5});
  answer.add_raw(Section::Additional, host, static_cast<RrType>(999), 7,
                 std::array<uint8_t, 2>{1, 2});
  const Reply reply = decoded(rendered(asked, answer));
  CHECK(reply.answer == std::vector<std::string>{"web.x. 1 A 10.0.0.1", "web.x. 2 AAAA fd00::1",
                                                 "web.x. 3 SRV 1 2 3 ns.x.",
                                                 "web.x. 4 TXT \"a \\\"b\\\"\""});
  CHECK(reply.authority ==
        std::vector<std::string>{"web.x. 5 NS ns.x.", "web.x. 6 SOA ns.x. web.x. 1 2 3 4 5"});
  CHECK(reply.additional == std::vector<std::string>{"ns.x. 7 TYPE999 \\# 2 0102"});
  CHECK(reply.id == 0x4242);
  CHECK(reply.flags == 0x8500);
}

TEST_CASE("render: names are compressed, but not an SRV's target (RFC 2782)") {
  const Asked asked("web.example. A");
  Answer answer;
  const NameRef target = answer.add_name(name("other.web.example").view());
  answer.add_name_record(RrType::Cname, Section::Answer, kQname, 5, target);
  answer.add_address(Section::Answer, target, 5, address("10.0.0.1"));
  // header 12, question 13 + 4, two records of 10 + their owner's pointer; CNAME "other" + pointer,
  // A 4
  CHECK(rendered(asked, answer).size() == 12 + 17 + (12 + 8) + (12 + 4));
  answer.clear();
  const NameRef again = answer.add_name(name("other.web.example").view());
  answer.add_srv(kQname, 5, {.target = again});
  answer.add_address(Section::Additional, again, 5, address("10.0.0.1"));
  CHECK(rendered(asked, answer).size() == 12 + 17 + (12 + 6 + 19) + (12 + 4));
}

TEST_CASE("render: a pointer never changes the case of a name") {
  const Asked asked("WEB.example. A");
  Answer answer;
  const NameRef target = answer.add_name(name("other.web.EXAMPLE").view());
  answer.add_name_record(RrType::Cname, Section::Answer, kQname, 5, target);
  CHECK(decoded(rendered(asked, answer)).answer ==
        std::vector<std::string>{"WEB.example. 5 CNAME other.web.EXAMPLE."});
}

TEST_CASE("render: owners that follow each other are pointed at, unless they are the root's") {
  const Asked asked("a. A tcp");
  Answer answer;
  const NameRef root = answer.add_name(name(".").view());
  const NameRef one = answer.add_name(name("one.zone").view());
  const NameRef two = answer.add_name(name("two.zone").view());
  const NameRef far = answer.add_name(name("far.away").view());
  std::vector<std::string> expected;
  const auto add = [&](NameRef owner, const std::string& text) {
    const std::string last = std::to_string(expected.size() % 250);
    answer.add_address(Section::Answer, owner, 5, address("10.0.0." + last));
    expected.push_back(text + " 5 A 10.0.0." + last);
  };
  for (const int times : {2, 1, 3}) {
    for (int i = 0; i < times; ++i) add(root, ".");
    for (int i = 0; i < times; ++i) add(one, "one.zone.");
    for (int i = 0; i < times; ++i) add(two, "two.zone.");
  }
  while (expected.size() < 1100) add(one, "one.zone.");
  for (int i = 0; i < 3; ++i) add(far, "far.away.");  // beyond the reach of pointers
  const Octets message = rendered(asked, answer);
  const auto records = decoded(message).answer;
  CHECK(std::vector<std::string>(records.begin(), records.end()) == expected);
  // Three times the root's name, then each name whole once, and pointers.
  const size_t heads = expected.size() * (10 + 4);
  CHECK(message.size() == 12 + 7 + heads + 6 * 1 + (10 + 6) + 3 * 10 + 2 * (expected.size() - 11));
}

TEST_CASE("render: thousands of different names stay readable, also beyond the reach of pointers") {
  const Asked asked("a. A tcp");
  Answer answer;
  for (int i = 0; i < 1500; ++i) {
    const NameRef owner = answer.add_name("n" + std::to_string(i), name("some.zone").view());
    answer.add_address(Section::Answer, owner, 5, address("10.0.0.1"));
  }
  const Octets message = rendered(asked, answer);
  const Reply reply = decoded(message);
  REQUIRE(reply.answer.size() == 1500);
  CHECK(message.size() > 0x4000);
  CHECK(reply.answer[1499] == "n1499.some.zone. 5 A 10.0.0.1");
}

TEST_CASE("render: how large a reply may be") {
  const struct {
    const char* line;
    size_t limit;
  } cases[] = {
      {"a. A", 512},
      {"a. A edns=0", 512},
      {"a. A edns=511", 512},
      {"a. A edns=513", 513},
      {"a. A edns=1232", 1232},
      {"a. A edns=4096", 1232},
      {"a. A edns=65535", 1232},
      {"a. A tcp", 65535},
      {"a. A tcp edns=512", 65535},
  };
  for (const auto& c : cases) {
    CAPTURE(c.line);
    CHECK(reply_limit(Asked(c.line).query) == c.limit);
  }
}

TEST_CASE("render: what does not fit is left out from the end and TC set; question and OPT stay") {
  for (const std::string line : {"a.b. A", "a.b. A edns=700", "a.b. A edns=4096", "a.b. A tcp"}) {
    const Asked asked(line);
    const size_t limit = reply_limit(asked.query);
    for (int count : {0, 1, 28, 29, 30, 31, 40, 41, 75, 76, 77, 78, 4093, 4094, 4095, 6000}) {
      CAPTURE(line);
      CAPTURE(count);
      Answer answer;
      add_addresses(answer, count);
      const Octets message = rendered(asked, answer);
      const Reply reply = decoded(message);
      const size_t fixed = 12 + 9 + (asked.query.has_edns ? 11U : 0U);
      const size_t fits = (limit - fixed) / 16;
      CHECK(message.size() <= limit);
      CHECK(reply.answer.size() == std::min<size_t>(fits, static_cast<size_t>(count)));
      CHECK(reply.truncated() == (static_cast<size_t>(count) > fits));
      CHECK(reply.edns.has_value() == asked.query.has_edns);
      CHECK(reply.question.size() == 1);
    }
  }
}

TEST_CASE("render: additional and authority records go by whole RRsets, and answers stay") {
  const Asked asked("a.b. SRV");
  Answer answer;
  std::vector<NameRef> targets;
  for (int i = 0; i < 3; ++i)
    targets.push_back(answer.add_name("target" + std::to_string(i), name("b").view()));
  for (const NameRef target : targets) answer.add_srv(kQname, 5, {.port = 1, .target = target});
  for (const NameRef target : targets) {
    for (int i = 0; i < 12; ++i)
      answer.add_address(Section::Additional, target, 5, address("10.0.0." + std::to_string(i)));
  }
  const Reply reply = decoded(rendered(asked, answer));
  CHECK(reply.answer.size() == 3);
  CHECK(reply.additional.size() == 24);  // 3 would fit in part
  CHECK(reply.truncated());
}

TEST_CASE("render: a smaller buffer is a smaller limit") {
  const Asked asked("a.b. A tcp");
  Answer answer;
  add_addresses(answer, 100);
  const Octets message = rendered(asked, answer, 600);
  CHECK(message.size() <= 600);
  CHECK(decoded(message).truncated());
}

TEST_CASE("render: OPT answers OPT (RFC 6891)") {
  Answer answer;
  CHECK_FALSE(decoded(rendered(Asked("a. A"), answer)).edns);
  const Reply reply = decoded(rendered(Asked("a. A edns=4096,do"), answer));
  REQUIRE(reply.edns);
  CHECK(reply.edns->size == kMaxUdpReply);
  CHECK(reply.edns->version == 0);
  CHECK(reply.edns->flags == 0x8000);
  CHECK(reply.edns->options.empty());
  const Reply keepalive = decoded(rendered(Asked("a. A tcp edns=512 option=11:"), answer));
  CHECK(keepalive.edns->options == Octets{0, 11, 0, 2, 0, 100});
}

TEST_CASE("render: header bits") {
  Answer answer;
  const auto flags = [&](const std::string& line) {
    return decoded(rendered(Asked(line), answer)).flags;
  };
  CHECK(flags("a. A nord") == 0x8000);
  CHECK(flags("a. A") == 0x8100);
  CHECK(flags("a. A cd ad z flags=0x0680") == 0x8110);
  answer.authoritative = answer.recursion_available = answer.authentic_data = answer.truncated =
      true;
  answer.rcode = Rcode::NxDomain;
  CHECK(flags("a. A") == 0x87a3);
}

TEST_CASE("render: refusals carry no records and only the flags that belong to them") {
  const struct {
    const char* line;
    const char* reply;
  } cases[] = {
      {"a. A edns=512,do,version=3", "reply BADVERS rd|edns version=0 size=1232 do"},
      {"a. A opcode=2", "reply NOTIMP opcode=2|question none"},
      {"a. A opcode=5 cd flags=0x0680", "reply NOTIMP opcode=5|question none"},
      {"a. A tcp edns=512 option=11:00", "reply FORMERR rd|question none"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.line);
    const Asked asked(c.line);
    REQUIRE(asked.parsed.verdict == Verdict::Refuse);
    Octets out(512);
    out.resize(render_refusal(asked.query, asked.parsed.rcode, out));
    std::string text;
    for (const std::string& line : reply_lines(asked.question, out))
      text += (text.empty() ? "" : "|") + line;
    CHECK(text == c.reply);
  }
}

// A query with a TSIG whose names have the sizes given.
Octets signed_query(const Octets& key, const Octets& algorithm) {
  Octets packet = scenarios::encode(scenarios::parse_question("a.b. A"));
  packet[11] = 1;
  packet.insert(packet.end(), key.begin(), key.end());
  const auto size = static_cast<uint8_t>(algorithm.size() + 16);
  const auto high = static_cast<uint8_t>((algorithm.size() + 16) >> 8);
  for (const int octet :
       {0, 250, 0, 255, 0, 0, 0, 0, static_cast<int>(high), static_cast<int>(size)})
    packet.push_back(static_cast<uint8_t>(octet));
  packet.insert(packet.end(), algorithm.begin(), algorithm.end());
  for (const int octet : {0, 0, 1, 2, 3, 4, 1, 44, 0, 0, 0x42, 0x42, 0, 0, 0, 0})
    packet.push_back(static_cast<uint8_t>(octet));
  return packet;
}

TEST_CASE("render: an unknown key is named in an unsigned TSIG (RFC 8945)") {
  const Octets packet =
      signed_query(scenarios::encode_name("key."), scenarios::encode_name("hmac-sha256."));
  Query query;
  REQUIRE(parse_query(packet, Transport::Udp, query).rcode == Rcode::NotAuth);
  Octets out(512);
  out.resize(render_refusal(query, Rcode::NotAuth, out));
  const Reply reply = decoded(out);
  CHECK(reply.rcode == 9);
  REQUIRE(reply.additional.size() == 1);
  CHECK(reply.additional[0] ==
        "key. 0 ANY TSIG \\# 29 0b686d61632d73686132353600"
        "000001020304012c"
        "0000"
        "4242"
        "0011"
        "0000");
}

TEST_CASE("render: a TSIG that does not fit is left out") {
  std::string longest;
  for (int i = 0; i < 3; ++i) longest += std::string(63, 'k') + ".";
  longest += std::string(61, 'k') + ".";
  const Octets packet =
      signed_query(scenarios::encode_name(longest), scenarios::encode_name(longest));
  Query query;
  REQUIRE(parse_query(packet, Transport::Udp, query).rcode == Rcode::NotAuth);
  Octets out(512);
  out.resize(render_refusal(query, Rcode::NotAuth, out));
  CHECK(decoded(out).additional.empty());
}

TEST_CASE("answer: repeats are dropped by section, owner, type and rdata") {
  const Asked asked("a. A tcp");
  Answer answer;
  const NameRef one = answer.add_name(name("x.y").view());
  const NameRef same = answer.add_name(name("x.y").view());
  answer.add_address(Section::Answer, kQname, 5, address("10.0.0.1"));
  answer.add_address(Section::Answer, kQname, 6, address("10.0.0.1"));
  answer.add_address(Section::Additional, kQname, 5, address("10.0.0.1"));
  answer.add_address(Section::Answer, one, 5, address("10.0.0.1"));
  answer.add_address(Section::Answer, same, 5, address("10.0.0.1"));
  answer.add_address(Section::Answer, same, 5, address("10.0.0.2"));
  answer.drop_repeats();
  const Reply reply = decoded(rendered(asked, answer));
  CHECK(reply.answer ==
        std::vector<std::string>{"a. 5 A 10.0.0.1", "x.y. 5 A 10.0.0.1", "x.y. 5 A 10.0.0.2"});
  CHECK(reply.additional.size() == 1);
}

TEST_CASE("answer: a name that would be too long is its parent") {
  Answer answer;
  std::string parent;
  for (int i = 0; i < 126; ++i) parent += "a.";
  const Name zone = name(parent);  // 253 octets
  CHECK(answer.name(answer.add_name("x", zone.view()), {}).size() == 255);
  CHECK(answer.name(answer.add_name("xx", zone.view()), {}).size() == 253);
  CHECK(answer.name(answer.add_name("", zone.view()), {}).size() == 253);
  CHECK(answer.name(answer.add_name(std::string(64, 'x'), name("a").view()), {}).size() == 3);
}

TEST_CASE("render: a reply readdressed to another client is what that client would have got") {
  Answer answer;
  answer.authoritative = answer.recursion_available = answer.authentic_data = true;
  answer.rcode = Rcode::NxDomain;
  add_addresses(answer, 3);
  const Asked first("web.x. A tcp nord cd ad");
  for (const char* line : {"web.x. A", "WEB.x. TXT nord edns=1232", "wEb.X. A ad cd",
                           "web.x. A tcp edns=1232,do", "web.x. A tcp edns=512 option=11:"}) {
    CAPTURE(line);
    const Asked other(line);
    Octets out = rendered(first, answer);
    const size_t size = out.size();
    out.resize(size + opt_size(other.query), 0xee);
    CHECK(readdress(other.query, answer.rcode, size, out) == out.size());
    Answer meant = answer;
    meant.authentic_data = understands_ad(other.query);
    CHECK(out == rendered(other, meant));
  }
}

}  // namespace
}  // namespace fairlead::dns
