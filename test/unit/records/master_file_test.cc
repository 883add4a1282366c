#include "records/master_file.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dns/record_text.h"

using namespace fairlead;
using records::MasterLimits;

namespace {

using Files = std::map<std::string, std::string>;

// The records as text, or what is wrong as the last line.
std::vector<std::string> read(const std::string& text, const Files& files = {},
                              const MasterLimits& limits = {}) {
  const std::string file = "db";
  std::vector<std::string> lines;
  const auto find = [&](const std::string& path, std::string& out) -> std::string {
    const auto at = files.find(path);
    if (at == files.end()) return "open " + path + ": no such file or directory";
    out = at->second;
    return {};
  };
  const auto take = [&](const dns::TextRecord& record) {
    lines.push_back(dns::to_text(record.owner()) + " " + std::to_string(record.ttl()) + " " +
                    dns::to_text(record.type()) + " " +
                    dns::rdata_text(record.type(), record.rdata()));
  };
  const std::string wrong = records::read_master_file({file, text}, *dns::Name::from_text("x.test"),
                                                      find, {take}, limits);
  if (!wrong.empty()) lines.push_back(wrong);
  return lines;
}

using Lines = std::vector<std::string>;

// The owners that are read, and what is told of records that are left out.
std::pair<Lines, Lines> read_leaving_out(const std::string& text) {
  Lines owners, told;
  const std::string wrong = records::read_master_file(
      {"db", text}, *dns::Name::from_text("x.test"),
      [](const std::string&, std::string&) { return std::string("none"); },
      {[&](const dns::TextRecord& record) { owners.push_back(dns::to_text(record.owner())); },
       [&](const std::string& why) { told.push_back(why); }});
  if (!wrong.empty()) owners.push_back(wrong);
  return {owners, told};
}

}  // namespace

TEST_CASE("master file: what records take from those before") {
  CHECK(read("@ 300 IN SOA ns h 1 2 3 4 5\n"
             "  NS ns\n"
             "a 60 A 192.0.2.1 ; why\n"
             "\tAAAA 2001:db8::1\n"
             "; nothing\n\n"
             "$TTL 1h\n"
             "b.c A (\n 192.0.2.2\n)\n"
             "d 5 A 192.0.2.3\n"
             "e A 192.0.2.4\n"
             "$ORIGIN sub\n"
             "f CNAME @\n"
             "$ORIGIN other.\n"
             "f CNAME g\\.h.\\.\n") == Lines{
                                           "x.test. 300 SOA ns.x.test. h.x.test. 1 2 3 4 5",
                                           "x.test. 300 NS ns.x.test.",
                                           "a.x.test. 60 A 192.0.2.1",
                                           "a.x.test. 60 AAAA 2001:db8::1",
                                           "b.c.x.test. 3600 A 192.0.2.2",
                                           "d.x.test. 5 A 192.0.2.3",
                                           "e.x.test. 3600 A 192.0.2.4",
                                           "f.sub.x.test. 3600 CNAME sub.x.test.",
                                           "f.other. 3600 CNAME g\\.h.\\..other.",
                                       });
  CHECK(read("\xef\xbb\xbf$TTL 7\r\na A 192.0.2.1\r\n$INCLUDE marked\r\n", {{"marked",
                                                                             "\xef\xbb\xbf"
                                                                             "b A 192.0.2.2"}}) ==
        Lines{"a.x.test. 7 A 192.0.2.1", "b.x.test. 7 A 192.0.2.2"});
  // As other servers take it: the minimum for what has no TTL.
  CHECK(read("@ SOA ns h 1 2 3 4 5\na A 192.0.2.1\n") ==
        Lines{"x.test. 5 SOA ns.x.test. h.x.test. 1 2 3 4 5", "a.x.test. 5 A 192.0.2.1"});
}

TEST_CASE("master file: files within files") {
  const Files files{{"sub/one", "$ORIGIN in\na A 192.0.2.1\n$TTL 9\n$INCLUDE two\n"},
                    {"sub/two", "b A 192.0.2.2\n"},
                    {"again", "$INCLUDE again\n"},
                    {"bad", "\n\na A 1.2.3\n"}};
  CHECK(read("$TTL 7\nz A 192.0.2.9\n$INCLUDE sub/one low\n A 192.0.2.3\n$INCLUDE \"sub/two\"\n",
             files) == Lines{
                           "z.x.test. 7 A 192.0.2.9",
                           "a.in.low.x.test. 7 A 192.0.2.1",
                           "b.in.low.x.test. 9 A 192.0.2.2",
                           "z.x.test. 7 A 192.0.2.3",
                           "b.x.test. 7 A 192.0.2.2",
                       });
  // An owner that is left out is that of the record before, wherever that stands.
  CHECK(read("$TTL 7\nz A 192.0.2.9\n$INCLUDE blank\n A 192.0.2.3\n",
             {{"blank", " A 192.0.2.8\ny A 192.0.2.7\n"}}) == Lines{
                                                                  "z.x.test. 7 A 192.0.2.9",
                                                                  "z.x.test. 7 A 192.0.2.8",
                                                                  "y.x.test. 7 A 192.0.2.7",
                                                                  "z.x.test. 7 A 192.0.2.3",
                                                              });
  CHECK(read("$INCLUDE none\n") ==
        Lines{"db: dns: failed to open `none': open none: no such file or directory: \"none\" at "
              "line: 1:13"});
  CHECK(read("$TTL 1\n$INCLUDE bad\n", files) ==
        Lines{"bad: dns: bad A A: \"1.2.3\" at line: 3:9"});
  CHECK(read("$INCLUDE again\n", files) ==
        Lines{"again: dns: too deeply nested $INCLUDE: \"again\" at line: 1:14"});
}

TEST_CASE("master file: $GENERATE") {
  CHECK(read("$TTL 7\n$GENERATE 1-3 h$ A 192.0.2.$\n$GENERATE 9-12/3 g${6,3,x} 5 CNAME $$\\$.\n"
             "$GENERATE 10-10 ${0,4,X}-${-1}.\\046 A 192.0.2.1\n") ==
        Lines{
            "h1.x.test. 7 A 192.0.2.1",
            "h2.x.test. 7 A 192.0.2.2",
            "h3.x.test. 7 A 192.0.2.3",
            "g00f.x.test. 5 CNAME \\$\\$.",
            "g012.x.test. 5 CNAME \\$\\$.",
            "000A-9.\\..x.test. 7 A 192.0.2.1",
        });
  // What follows takes its owner and its TTL from the record in front.
  CHECK(read("a 9 A 192.0.2.9\n$GENERATE 1-+2 h${+1} 5 A 192.0.2.$\n A 192.0.2.8\n") ==
        Lines{
            "a.x.test. 9 A 192.0.2.9",
            "h2.x.test. 5 A 192.0.2.1",
            "h3.x.test. 5 A 192.0.2.2",
            "a.x.test. 9 A 192.0.2.8",
        });
  // Nibbles: the width counts the dots.
  CHECK(read("$TTL 7\n$GENERATE 10-10 ${0,5,n} CNAME ${0,0,N}.${0,2,n}\n"
             "$GENERATE 171-171 ${0,1,n} CNAME ${4096,8,N}z\n") ==
        Lines{"a.0.0.x.test. 7 CNAME A.a.", "b.a.x.test. 7 CNAME B.A.0.1.z.x.test."});
  const std::pair<const char*, const char*> wrong[] = {
      {"1-99999999 h$ A 192.0.2.$", "bad range in $GENERATE range: \"1-99999999\" at line: 2:21"},
      {"3-1 h$ A 192.0.2.$", "bad range in $GENERATE range: \"3-1\" at line: 2:14"},
      {"1-3/0 h$ A 192.0.2.$", "bad step in $GENERATE range: \"1-3/0\" at line: 2:16"},
      {"a-3 h$ A 192.0.2.$", "bad start in $GENERATE range: \"a-3\" at line: 2:14"},
      {"1 h$ A 192.0.2.$", "bad start-stop in $GENERATE range: \"1\" at line: 2:12"},
      {"1-3 h${a} A 192.0.2.$", "bad offset in $GENERATE: \"${a}\" at line: 2:14"},
      {"1-3 h${0,3,q} A 192.0.2.$", "bad base in $GENERATE: \"${0,3,q}\" at line: 2:14"},
      {"1-3 h${0,3,d,4} A 1", "bad modifier in $GENERATE: \"${0,3,d,4}\" at line: 2:14"},
      {"1-3 h${0,999} A 1", "bad width in $GENERATE: \"${0,999}\" at line: 2:14"},
      {"1-3 h${+-2} A 1", "bad offset in $GENERATE: \"${+-2}\" at line: 2:14"},
      {"1-3 h${-2} A 1", "bad offset in $GENERATE: \"${-2}\" at line: 2:14"},
      {"1-3 h${0 A 192.0.2.$", "bad modifier in $GENERATE: \"${0 A 192.0.2.$\" at line: 2:14"},
      {"1-3 ", "garbage after $GENERATE range: \"\\n\" at line: 2:14"},
      {"1-3 h$ A 192.0.2.x", "bad A A: \"192.0.2.x\" at line: 2:14"},
      {"1-3 $INCLUDE db", "not a TTL: \"db\" at line: 2:11"},
  };
  for (const auto& [line, error] : wrong) {
    CAPTURE(line);
    CHECK(read("$TTL 7\n$GENERATE " + std::string(line) + "\n").back() ==
          "db: dns: " + std::string(error));
  }
}

TEST_CASE("master file: what is wrong, and where") {
  const std::pair<const char*, const char*> rows[] = {
      {"a A 1.2.3", "bad A A: \"1.2.3\" at line: 2:9"},
      {"$ORIGIN a..b.", "bad origin name: \"a..b.\" at line: 2:13"},
      {"$TTL abc", "expecting $TTL value, not this...: \"abc\" at line: 2:8"},
      {"$TTL 1 2", "garbage after $TTL: \"2\" at line: 2:8"},
      {"$ORIGIN", "expecting $ORIGIN value, not this...: \"\\n\" at line: 2:7"},
      {"$INCLUDE", "expecting $INCLUDE value, not this...: \"\\n\" at line: 2:8"},
      {"$FOO x", "not a TTL: \"x\" at line: 2:6"},
      {"a 60 IN A", "bad A A: \"\\n\" at line: 2:9"},
      {"a A (192.0.2.1", "unbalanced brace: \"unbalanced brace\" at line: 2:5"},
      {"a TXT ( b\n(c) d\ne TXT f", "unbalanced brace: \"unbalanced brace\" at line: 2:7"},
      {"(", "unbalanced brace: \"unbalanced brace\" at line: 2:1"},
      {"a TXT \"b\nc TXT d", "quote is not closed: \"quote is not closed\" at line: 2:7"},
      {"a A 192.0.2.1 )", "extra closing brace: \"extra closing brace\" at line: 2:14"},
  };
  for (const auto& [line, error] : rows) {
    CAPTURE(line);
    CHECK(read("$TTL 7\n" + std::string(line) + "\n") == Lines{"db: dns: " + std::string(error)});
  }
  CHECK(read("a A 192.0.2.1\n") ==
        Lines{"db: dns: missing TTL with no previous value: \"A\" at line: 1:4"});
  CHECK(read(" A 192.0.2.1\n") == Lines{"db: dns: no owner name: \"A\" at line: 1:3"});
}

TEST_CASE("master file: everything has a limit") {
  MasterLimits limits;
  limits.records = 2;
  CHECK(read("$TTL 1\n$GENERATE 1-9 a$ A 192.0.2.$\n", {}, limits).back() ==
        "db: the zone has too many records");
  limits = {};
  limits.octets = 100;
  CHECK(read("$TTL 1\n$GENERATE 1-900 a$ A 192.0.2.1\n", {}, limits).back() ==
        "db: the zone is too large");
  CHECK(read(std::string(101, '\n'), {}, limits).back() == "db: the zone is too large");
  limits = {};
  limits.includes = 3;
  CHECK(read("$INCLUDE a\n$INCLUDE a\n$INCLUDE a\n$INCLUDE a\n", {{"a", ""}}, limits).back() ==
        "db: dns: too deeply nested $INCLUDE: \"a\" at line: 4:10");
}

TEST_CASE("master file: a record that says nothing is left out where that is wanted") {
  const auto [owners, told] = read_leaving_out(
      "$TTL 60\n"
      "a DS 1 13 2 zz\n"
      " A 192.0.2.1\n"  // of the owner that was left out
      "b DS 1 13 2 abc\nc DS 1 13 2\n"
      "d DNSKEY 257 3 13 ( !!!\n !!! ) ; over two lines\n"
      "e TXT a\\256b c\nf TXT good\n"
      "g SVCB 1 . alpn=h2 alpn=h3\nh TYPE255 \\# 0\ni NONE A 192.0.2.1\n"
      "$GENERATE 1-2 j$ DS 1 13 2 zz\nk A 192.0.2.1\n");
  CHECK(owners == Lines{"a.x.test.", "f.x.test.", "k.x.test."});
  CHECK(told == Lines{"db: dns: bad DS Digest: \"zz\" at line: 2:14",
                      "db: dns: bad DS Digest: \"abc\" at line: 4:15",
                      "db: dns: bad DS Digest: \"\\n\" at line: 5:11",
                      "db: dns: bad DNSKEY PublicKey: \"!!!\" at line: 6:23",
                      "db: dns: bad TXT Txt: \"a\\\\256b\" at line: 8:13",
                      "db: dns: bad SVCB Value: \"alpn=h3\" at line: 10:26",
                      "db: dns: no type of a record: \"TYPE255\" at line: 11:10",
                      "db: dns: no class of a record: \"NONE\" at line: 12:7",
                      "db: dns: bad DS Digest: \"zz\" at line: 13:15",
                      "db: dns: bad DS Digest: \"zz\" at line: 13:15"});
  // What CoreDNS looks at is a mistake of the file, as are words that never end.
  for (const std::string line :
       {"a A 192.0.2", "a MX x b", "a DS 1 13 2 (zz", "a..b DS 1 13 2 zz", "a DS 1 13 2 zz ) b",
        "a OPT", "a ANY A 192.0.2.1", "a TXT\n", "a HTTPS 1 . port=x", "a TXT \"b"}) {
    CAPTURE(line);
    const auto [taken, left_out] = read_leaving_out("$TTL 60\n" + line + "\n");
    REQUIRE(taken.size() == 1);
    CHECK(taken.front().starts_with("db: dns: "));
    CHECK(left_out.empty());
  }
  CHECK(read("$TTL 60\na DS 1 13 2 zz\n") == Lines{"db: dns: bad DS Digest: \"zz\" at line: 2:14"});
}

TEST_CASE("master file: the TTL of a record that is left out is one for those behind it") {
  const auto [owners, told] = read_leaving_out("a 60 DS 1 13 2 zz\nb A 192.0.2.1\n");
  CHECK(owners == Lines{"b.x.test."});
  CHECK(told.size() == 1);
}

TEST_CASE("master file: a record with a class needs no TTL in front of the SOA") {
  CHECK(read("@ IN NS ns\n@ IN SOA ns h 1 2 3 4 5\na IN A 192.0.2.1\n") ==
        Lines{"x.test. 0 NS ns.x.test.", "x.test. 5 SOA ns.x.test. h.x.test. 1 2 3 4 5",
              "a.x.test. 5 A 192.0.2.1"});
  CHECK(read("@ NS ns\n@ IN SOA ns h 1 2 3 4 5\n") ==
        Lines{"db: dns: missing TTL with no previous value: \"NS\" at line: 1:5"});
}

TEST_CASE("master file: the last line has an owner and a type alone") {
  for (const std::string end : {"\n", " \r\n", " ; no address\n"}) {
    CAPTURE(end);
    const auto [owners, told] = read_leaving_out("$TTL 60\na A 192.0.2.1\nb IN A" + end);
    CHECK(owners == Lines{"a.x.test."});
    CHECK(told.size() == 1);
  }
  for (const std::string text :
       {"b IN A\na A 192.0.2.1\n", "b IN MX 10\n", "b IN A", "b IN A\n\n"}) {
    CAPTURE(text);  // it may have been cut
    CHECK(read_leaving_out("$TTL 60\n" + text).second.empty());
  }
}
