#include <doctest/doctest.h>

#include <string>

#include "plugins/log/format.h"
#include "plugins/log/json.h"
#include "test/unit/plugins/question.h"

namespace fairlead::plugins::log {
using dns::RrType;
using dns::Section;

namespace {

dns::IpAddress ip(const char* text) {
  return *dns::IpAddress::from_text(text);
}

Entry entry_for(const dns::Query& query) {
  Entry entry{.query = query, .remote = {}, .local = {}, .rcode = {}};
  entry.remote = ip("10.0.0.1");
  entry.remote_port = 4711;
  entry.local = ip("10.96.0.10");
  entry.rcode = dns::Rcode::NoError;
  entry.reply_flags = 0x8500;
  entry.response_size = 106;
  entry.duration = std::chrono::nanoseconds(123'000);
  return entry;
}

std::string line(std::string_view format, const Entry& entry) {
  std::string out;
  append_line(parse_format(format), entry, out);
  return out;
}

}  // namespace

TEST_CASE("log: the common format is CoreDNS's line") {
  test::Question q("Example.ORG.", RrType::A);
  q.query.id = 1234;
  q.query.size = 41;
  q.query.has_edns = true;
  q.query.edns.udp_size = 4096;
  CHECK(line(kCommonFormat, entry_for(q.query)) ==
        "[INFO] 10.0.0.1:4711 - 1234 \"A IN example.org. udp 41 false 4096\" NOERROR qr,aa,rd 106 "
        "0.000123s\n");
}

TEST_CASE("log: a line as JSON tells everything, whatever its format") {
  test::Question q("a\"b.Example.", RrType::A);
  q.query.id = 1234;
  q.query.size = 41;
  Entry entry = entry_for(q.query);
  entry.remote = ip("2001:db8::1");
  const std::chrono::system_clock::time_point now{};
  const auto json = [&] {
    std::string out;
    append_json_line(parse_format("{name} \"{rcode}\""), entry, now, out);
    return out;
  };
  const std::string head =
      R"({"time":"1970-01-01T00:00:00.000000000Z","level":"INFO","msg":"a\\\"b.example. \")";
  const std::string client =
      R"(\"","plugin":"log","client_ip":"2001:db8::1","client_port":4711,"qname":"a\\\"b.example.",)"
      R"("qtype":"A","qclass":"IN","protocol":"udp","id":1234,"opcode":0,"request_size":41,)"
      R"("dnssec_ok":false,"bufsize":512,"rcode":)";
  const std::string end = R"(,"response_size":106,"duration_seconds":0.000123})";
  CHECK(json() == head + "NOERROR" + client + R"("NOERROR")" + end + "\n");
  entry.rcode.reset();  // nobody was answered
  CHECK(json() == head + "-" + client + "null" + end + "\n");
}

TEST_CASE("log: the combined format adds the opcode") {
  test::Question q("example.org.", RrType::Aaaa);
  q.query.opcode = dns::Opcode::Notify;
  const std::string text = line(kCombinedFormat, entry_for(q.query));
  CHECK(text.ends_with(" 0.000123s \"4\"\n"));
}

TEST_CASE("log: each placeholder by itself") {
  test::Question q("a.example.", static_cast<RrType>(666));
  q.query.qclass = static_cast<dns::RrClass>(7);
  q.query.transport = dns::Transport::Tcp;
  q.query.has_edns = true;
  q.query.edns.dnssec_ok = true;
  q.query.id = 65535;
  Entry entry = entry_for(q.query);
  entry.remote = ip("2001:db8::1");
  entry.local = ip("fd00::a");
  struct Row {
    const char* format;
    const char* text;
  };
  for (const Row& row : std::initializer_list<Row>{{"{type}", "TYPE666"},
                                                   {"{class}", "CLASS7"},
                                                   {"{name}", "a.example."},
                                                   {"{proto}", "tcp"},
                                                   {"{remote}", "[2001:db8::1]"},
                                                   {"{port}", "4711"},
                                                   {"{local}", "[fd00::a]"},
                                                   {"{>id}", "65535"},
                                                   {"{>opcode}", "0"},
                                                   {"{>do}", "true"},
                                                   {"{>bufsize}", "65535"},
                                                   {"{rcode}", "NOERROR"},
                                                   {"{rsize}", "106"},
                                                   {"{/kubernetes/client-pod-name}", "-"},
                                                   {"x {foo} }", "x {foo} }"}}) {
    CAPTURE(row.format);
    CHECK(line(row.format, entry) == "[INFO] " + std::string(row.text) + "\n");
  }
}

TEST_CASE("log: the buffer size of a UDP client is at least 512") {
  test::Question q("a.example.", RrType::A);
  CHECK(line("{>bufsize}", entry_for(q.query)) == "[INFO] 512\n");
  q.query.has_edns = true;
  q.query.edns.udp_size = 300;
  CHECK(line("{>bufsize}", entry_for(q.query)) == "[INFO] 512\n");
  q.query.edns.udp_size = 1232;
  CHECK(line("{>bufsize}", entry_for(q.query)) == "[INFO] 1232\n");
}

TEST_CASE("log: durations are decimal seconds as short as they can be") {
  test::Question q("a.example.", RrType::A);
  Entry entry = entry_for(q.query);
  struct Row {
    int64_t nanoseconds;
    const char* text;
  };
  for (const Row& row :
       {Row{0, "0s"}, Row{1, "0.000000001s"}, Row{1'604'918, "0.001604918s"},
        Row{235'930, "0.00023593s"}, Row{2'000'000'000, "2s"}, Row{61'500'000'000, "61.5s"}}) {
    entry.duration = std::chrono::nanoseconds(row.nanoseconds);
    CHECK(line("{duration}", entry) == "[INFO] " + std::string(row.text) + "\n");
  }
}

TEST_CASE("log: every flag of the reply, in the order of CoreDNS") {
  test::Question q("a.example.", RrType::A);
  Entry entry = entry_for(q.query);
  entry.reply_flags = 0xffff;
  CHECK(line("{>rflags}", entry) == "[INFO] qr,aa,tc,rd,ra,z,ad,cd\n");
  entry.reply_flags = 0;
  CHECK(line("{>rflags}", entry) == "[INFO] \n");
  entry.rcode = std::nullopt;
  CHECK(line("{>rflags} {rcode}", entry) == "[INFO] - -\n");
}

TEST_CASE("log: a hostile name stays on its line, escaped as CoreDNS does") {
  test::Question q(R"(a\ b\.c\"\010\;\'\@\255.W.test.)", RrType::Txt);
  CHECK(line("{name}", entry_for(q.query)) ==
        "[INFO] "
        R"(a\ b\.c\"\010\;\'\@\255.w.test.)"
        "\n");
  test::Question root(".", RrType::Ns);
  CHECK(line("{name}", entry_for(root.query)) == "[INFO] .\n");
  CHECK(line("a\nb", entry_for(root.query)) == "[INFO] a b\n");
}

TEST_CASE("log: a line without a question") {
  test::Question q("a.example.", RrType::A);
  q.query.has_question = false;
  CHECK(line("{type} {class} {name}", entry_for(q.query)) == "[INFO] - - -\n");
}

TEST_CASE("log: classes follow what the reply holds") {
  test::Question q("a.example.", RrType::A);
  dns::Answer answer;
  CHECK(classify(q.query, answer) == kSuccess);

  answer.add_soa(Section::Authority, dns::kQname, 5, {dns::kQname, dns::kQname});
  CHECK(classify(q.query, answer) == kDenial);
  answer.rcode = dns::Rcode::NxDomain;
  CHECK(classify(q.query, answer) == kDenial);
  answer.rcode = dns::Rcode::ServFail;
  CHECK(classify(q.query, answer) == kError);

  answer.clear();
  answer.add_address(Section::Answer, dns::kQname, 5, ip("10.0.0.1"));
  CHECK(classify(q.query, answer) == kSuccess);
  answer.rcode = dns::Rcode::NxDomain;  // of a CNAME's target; its SOA may be missing
  CHECK(classify(q.query, answer) == kDenial);

  answer.clear();
  answer.add_name_record(RrType::Ns, Section::Authority, dns::kQname, 5, dns::kQname);
  CHECK(classify(q.query, answer) == kSuccess);

  answer.clear();
  test::Question transfer("a.example.", RrType::Axfr);
  CHECK(classify(transfer.query, answer) == kError);
  q.query.opcode = dns::Opcode::Notify;
  CHECK(classify(q.query, answer) == kError);
}

TEST_CASE("log: the first rule whose zone holds the name decides") {
  Options options;
  options.rules = {{"sub.example.", parse_format("one"), kDenial},
                   {"example.", parse_format("two"), kAll}};
  const Filter filter(options);
  test::Question below("X.Sub.Example.", RrType::A);
  test::Question beside("xsub.example.", RrType::A);
  test::Question other("example.org.", RrType::A);
  CHECK(filter.find(below.query, kSuccess) == nullptr);
  REQUIRE(filter.find(below.query, kDenial) != nullptr);
  CHECK(filter.find(below.query, kDenial)->format == parse_format("one"));
  REQUIRE(filter.find(beside.query, kSuccess) != nullptr);
  CHECK(filter.find(beside.query, kSuccess)->format == parse_format("two"));
  CHECK(filter.find(other.query, kSuccess) == nullptr);
}

TEST_CASE("log: the size is that of an uncompressed reply") {
  // As `dig foo.w.test` against whoami: 12 + question 14 + A (10+14) + SRV (15+10+7), and CoreDNS's
  // 88 for TCP.
  test::Question q("FOO.w.test.", RrType::A);
  dns::Answer answer;
  CHECK(uncompressed_size(q.query, answer) == 12 + 12 + 4);
  answer.add_address(Section::Additional, dns::kQname, 0, ip("127.0.0.1"));
  CHECK(uncompressed_size(q.query, answer) == 12 + 12 + 4 + 12 + 10 + 4);
}

}  // namespace fairlead::plugins::log
