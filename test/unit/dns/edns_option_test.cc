#include "dns/edns_option.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/parse.h"
#include "dns/record_text.h"
#include "dns/render.h"
#include "test/unit/dns/octets.h"

namespace fairlead::dns {
namespace {

using scenarios::Reply;

// A query as it came over the network, and the packet that it looks into.
struct Asked {
  explicit Asked(const std::string& line) {
    const scenarios::Question question = scenarios::parse_question(line);
    packet = scenarios::encode(question);
    parsed = parse_query(packet, question.tcp ? Transport::Tcp : Transport::Udp, query);
  }
  Octets packet;
  Query query;
  Parsed parsed;
};

Reply replied(const Asked& asked, const Answer& answer, size_t room = kMaxTcpReply) {
  Octets out(room);
  out.resize(render(asked.query, answer, out));
  CHECK(out.size() <= reply_limit(asked.query));
  std::string error;
  auto reply = scenarios::decode(out, &error);
  REQUIRE_MESSAGE(reply, error);
  return *reply;
}

Octets copied(std::span<const uint8_t> view) {
  return {view.begin(), view.end()};
}

std::span<const uint8_t> as_octets(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string text_of(std::span<const uint8_t> octets) {
  return {octets.begin(), octets.end()};
}

// "3:abc 15:x", and what is left of octets that end early.
std::string listed(std::span<const uint8_t> options) {
  std::string text;
  OptionReader reader(options);
  while (const auto option = reader.next()) {
    text += (text.empty() ? "" : " ") + std::to_string(static_cast<int>(option->code)) + ":" +
            text_of(option->data);
  }
  CHECK_FALSE(reader.next());
  return reader.left().empty() ? text : text + "|" + std::to_string(reader.left().size());
}

TEST_CASE("edns option: a list is read up to what is not whole") {
  const struct {
    const char* octets;
    const char* text;
  } cases[] = {
      {"", ""},
      {"0003 0000", "3:"},
      {"0003 0001 61 000f 0002 6162", "3:a 15:ab"},
      {"ffff 0001 61", "65535:a"},
      {"0003 0001 61 00", "3:a|1"},
      {"0003 0001 61 0003 00", "3:a|3"},
      {"0003 0001 61 0003 0001", "3:a|4"},
      {"0003 ffff 61", "|5"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.octets);
    CHECK(listed(octets(c.octets)) == c.text);
  }
}

TEST_CASE("edns option: the first with a code is found, unless it comes after broken octets") {
  const Octets list = octets("0003 0000 000a 0001 61 000a 0001 62 000c 0002 61");
  CHECK(find_option(list, OptionCode::Nsid)->empty());
  CHECK(text_of(*find_option(list, OptionCode::Cookie)) == "a");
  CHECK_FALSE(find_option(list, OptionCode::Subnet));
  CHECK_FALSE(find_option(list, OptionCode::Padding));
  CHECK_FALSE(find_option({}, OptionCode::Nsid));
}

TEST_CASE("edns option: the options of a query are its OPT's, and nothing stays for the next") {
  const struct {
    const char* line;
    const char* options;
  } cases[] = {
      {"a. A edns=1232 option=3: option=10:3132333435363738", "3: 10:12345678"},
      {"a. A", ""},
      {"a. A edns=1232 option=8:41", "8:A"},
      {"a. A edns=1232", ""},
      {"a. A tcp edns=1232 option=11: option=12:41", "11: 12:A"},
      {"a. A edns=1232,version=1 option=3:", ""},
      {"a. A tcp edns=1232 option=3: option=11:00", ""},  // FORMERR
  };
  Query query;
  for (const auto& c : cases) {
    CAPTURE(c.line);
    const scenarios::Question question = scenarios::parse_question(c.line);
    const Octets packet = scenarios::encode(question);
    parse_query(packet, question.tcp ? Transport::Tcp : Transport::Udp, query);
    CHECK(listed(query.edns.options) == c.options);
    const auto options = query.edns.options;
    CHECK((options.empty() || (options.data() > packet.data() &&
                               options.data() + options.size() <= packet.data() + packet.size())));
  }
}

TEST_CASE("answer: options are added, replaced and dropped") {
  Answer answer;
  CHECK(answer.options().empty());
  answer.add_option(OptionCode::Nsid, as_octets("one"));
  answer.add_option(OptionCode::Cookie, as_octets("c"));
  answer.add_option(OptionCode::Nsid, {});
  CHECK(listed(answer.options()) == "3:one 10:c 3:");
  answer.set_option(OptionCode::Nsid, as_octets("three"));
  CHECK(listed(answer.options()) == "10:c 3:three");
  answer.set_option(OptionCode::Subnet, as_octets("s"));
  CHECK(listed(answer.options()) == "10:c 3:three 8:s");
  answer.set_option(OptionCode::Cookie, {});
  CHECK(listed(answer.options()) == "3:three 8:s 10:");
  answer.add_option(OptionCode::Nsid, Octets(Answer::kMaxOptionData + 1));
  CHECK(listed(answer.options()) == "3:three 8:s 10:");
  answer.drop_options();
  CHECK(answer.options().empty());
  answer.add_option(OptionCode::Nsid, Octets(Answer::kMaxOptionData));
  CHECK(answer.options().size() == 65535);
}

TEST_CASE(
    "answer: clear() forgets options, class and RD; the answers of another bring no options") {
  Answer answer;
  answer.record_class = RrClass::Ch;
  answer.recursion_desired = false;
  answer.add_option(OptionCode::Nsid, {});
  Answer other;
  other.append(answer, Name().view());
  CHECK(other.options().empty());
  answer.clear();
  CHECK(answer.record_class == RrClass::In);
  CHECK_FALSE(answer.recursion_desired);
  CHECK(answer.options().empty());
}

TEST_CASE("answer: the text of an extended error is cut between characters") {
  const std::string many(253, 'a');
  const struct {
    std::string text;
    std::string kept;
  } cases[] = {
      {"", ""},
      {"stale", "stale"},
      {many + "bc", many + "bc"},
      {many + "bcd", many + "bc"},
      {many + "\xc3\xa4", many + "\xc3\xa4"},  // two octets, just within
      {many + "b\xc3\xa4", many + "b"},        // two, the second beyond
      {many + "\xe2\x82\xac", many},           // three
      {many + "\xf0\x9f\x98\x80", many},       // four
      {many.substr(1) + "\xf0\x9f\x98\x80", many.substr(1)},
      {many + "\xe2\x82\xac\xe2\x82\xac", many},
      {std::string(300, '\x80'), std::string(255, '\x80')},  // not UTF-8
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    Answer answer;
    answer.add_extended_error(0x1234, c.text);
    const auto data = find_option(answer.options(), OptionCode::ExtendedError);
    REQUIRE(data);
    CHECK(text_of(*data) == "\x12\x34" + c.kept);
  }
}

TEST_CASE("answer: at most four extended errors") {
  Answer answer;
  answer.add_option(OptionCode::Nsid, as_octets("n"));
  for (uint16_t code = 0x6161; code < 0x6168; ++code) answer.add_extended_error(code, "");
  CHECK(listed(answer.options()) == "3:n 15:aa 15:ab 15:ac 15:ad");
}

TEST_CASE("render: an answer's options go to clients with EDNS alone, behind keepalive") {
  Answer answer;
  answer.add_option(OptionCode::Nsid, as_octets("n"));
  answer.add_extended_error(0x6161, "b");
  const struct {
    const char* line;
    const char* options;  // nullptr: no OPT
  } cases[] = {
      {"a. A", nullptr},
      {"a. A tcp", nullptr},
      {"a. A edns=512", "3:n 15:aab"},
      {"a. A tcp edns=512,do", "3:n 15:aab"},
      {"a. A tcp edns=512 option=11:", "11:?d 3:n 15:aab"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.line);
    const Reply reply = replied(Asked(c.line), answer);
    CHECK(reply.edns.has_value() == (c.options != nullptr));
    if (!reply.edns || c.options == nullptr) continue;
    std::string text = listed(reply.edns->options);
    std::ranges::replace(text, '\0', '?');
    CHECK(text == c.options);
  }
}

TEST_CASE("render: the room of options is set aside, unless it is more than half") {
  const Asked asked("a.b. A edns=512");
  const struct {
    size_t data;
    bool sent;
    size_t records;
  } cases[] = {
      // header 12, question 9, OPT 11, an option's head 4; an address 16
      {0, true, (512 - 12 - 9 - 11 - 4) / 16},
      {100, true, (512 - 12 - 9 - 11 - 4 - 100) / 16},
      {252, true, (512 - 12 - 9 - 11 - 4 - 252) / 16},
      {253, false, (512 - 12 - 9 - 11) / 16},
      {5000, false, (512 - 12 - 9 - 11) / 16},
  };
  for (const auto& c : cases) {
    CAPTURE(c.data);
    Answer answer;
    answer.add_option(OptionCode::Padding, Octets(c.data));
    const std::array<uint8_t, 4> address{10, 0, 0, 1};
    for (int i = 0; i < 60; ++i) answer.add_address(Section::Answer, kQname, 5, IpAddress(address));
    const Reply reply = replied(asked, answer);
    CHECK(reply.answer.size() == c.records);
    CHECK(reply.truncated());
    REQUIRE(reply.edns);
    CHECK(reply.edns->options == (c.sent ? copied(answer.options()) : Octets{}));
  }
}

TEST_CASE("render: options never take the question's room, nor that of a smaller buffer") {
  std::string longest;
  for (int i = 0; i < 3; ++i) longest += std::string(63, 'k') + ".";
  longest += std::string(61, 'k') + ".";
  const Asked asked(longest + " A edns=512");
  for (const size_t size : {226U, 227U, 252U}) {  // 512 - 12 - 255 - 4 - 11 = 230
    CAPTURE(size);
    Answer answer;
    answer.add_option(OptionCode::Padding, Octets(size));
    const Reply reply = replied(asked, answer);
    CHECK(reply.question.size() == 1);
    REQUIRE(reply.edns);
    CHECK(reply.edns->options.empty() == (size > 226));
  }
  Answer answer;
  answer.add_option(OptionCode::Padding, Octets(400));
  CHECK(replied(Asked("a. A tcp edns=512"), answer).edns->options.size() == 404);
  CHECK(replied(Asked("a. A tcp edns=512"), answer, 600).edns->options.empty());
}

TEST_CASE("render: a refusal has no options but keepalive") {
  const Asked asked("a. A edns=512,version=1 option=3:");
  REQUIRE(asked.parsed.rcode == Rcode::BadVers);
  Octets out(512);
  out.resize(render_refusal(asked.query, asked.parsed.rcode, out));
  CHECK(scenarios::decode(out)->edns->options.empty());
}

TEST_CASE("render: all records have the answer's class, as text too") {
  for (const char* line : {"a. ANY class=CH", ". ANY class=CH"}) {
    CAPTURE(line);
    const Asked asked(line);
    Answer answer;
    answer.record_class = RrClass::Ch;
    answer.add_txt(kQname, 0, "x");
    const std::array<uint8_t, 4> address{10, 0, 0, 1};
    answer.add_address(Section::Answer, kQname, 7, IpAddress(address));
    answer.add_address(Section::Additional, answer.add_name(Name::from_text("b")->view()), 7,
                       IpAddress(address));
    const Reply reply = replied(asked, answer);
    const std::string owner = line[0] == '.' ? "." : "a.";
    CHECK(reply.answer ==
          std::vector<std::string>{owner + " 0 CH TXT \"x\"", owner + " 7 CH A 10.0.0.1"});
    CHECK(reply.additional == std::vector<std::string>{"b. 7 CH A 10.0.0.1"});
    CHECK(to_text(answer, answer.records()[0], asked.query.qname) == owner + " 0 CH TXT \"x\"");
  }
}

TEST_CASE("render: RD is the client's unless the answer has its own") {
  Answer answer;
  const auto flags = [&](const char* line) { return replied(Asked(line), answer).flags; };
  CHECK(flags("a. A") == 0x8100);
  CHECK(flags("a. A nord") == 0x8000);
  answer.recursion_desired = false;
  CHECK(flags("a. A") == 0x8000);
  answer.recursion_desired = true;
  CHECK(flags("a. A nord") == 0x8100);
}

}  // namespace
}  // namespace fairlead::dns
