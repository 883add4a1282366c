#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dns/response.h"
#include "test/unit/dns/asked_upstream.h"

namespace fairlead::dns {
namespace {

const std::string kSoa = "x. 60 SOA ns.x. host.x. 1 2 3 4 30";

TEST_CASE("response: what is kept for a question") {
  const std::string web1 = "web.x. 60 A 10.0.0.1";
  const struct {
    const char* what;
    Lines answer, authority;
    Lines kept;
    const char* qname = "web.x.";
    RrType qtype = RrType::A;
  } rows[] = {
      {"the records of the type",
       {"@ 60 A 10.0.0.1", "@ 60 A 10.0.0.2"},
       {},
       {web1, "web.x. 60 A 10.0.0.2"}},
      {"an owner in another case", {"WEB.X. 60 A 10.0.0.1"}, {}, {web1}},
      {"not other types", {"@ 60 A 10.0.0.1", "@ 60 AAAA fd00::1"}, {}, {web1}},
      {"not other classes", {"@ CH 60 A 10.0.0.9", "@ 60 A 10.0.0.1"}, {}, {web1}},
      {"not other names",
       {"bank.y. 60 A 10.6.6.6", "@ 60 A 10.0.0.1", "x. 60 A 10.6.6.6"},
       {},
       {web1}},
      {"repeats once", {"@ 60 A 10.0.0.1", "WEB.x. 60 A 10.0.0.1"}, {}, {web1}},
      {"the smallest TTL of an RRset",
       {"@ 60 A 10.0.0.1", "@ 7 A 10.0.0.2", "@ 90 A 10.0.0.3"},
       {},
       {"web.x. 7 A 10.0.0.1", "web.x. 7 A 10.0.0.2", "web.x. 7 A 10.0.0.3"}},
      {"each RRset's own TTL",
       {"@ 300 CNAME a.x.", "a.x. 5 A 10.0.0.1"},
       {},
       {"web.x. 300 CNAME a.x.", "a.x. 5 A 10.0.0.1"}},
      {"a TTL with the top bit is 0", {"@ 2147483648 A 10.0.0.1"}, {}, {"web.x. 0 A 10.0.0.1"}},
      {"the largest TTL", {"@ 2147483647 A 10.0.0.1"}, {}, {"web.x. 2147483647 A 10.0.0.1"}},
      {"a chain in order",
       {"@ 1 CNAME a.y.", "a.y. 2 CNAME b.z.", "b.z. 3 A 10.0.0.1"},
       {},
       {"web.x. 1 CNAME a.y.", "a.y. 2 CNAME b.z.", "b.z. 3 A 10.0.0.1"}},
      {"a chain in reverse order",
       {"b.z. 3 A 10.0.0.1", "a.y. 2 CNAME b.z.", "@ 1 CNAME a.y."},
       {},
       {"web.x. 1 CNAME a.y.", "a.y. 2 CNAME b.z.", "b.z. 3 A 10.0.0.1"}},
      {"a chain in mixed case",
       {"b.Z. 3 A 10.0.0.1", "A.y. 2 CNAME B.z.", "WEB.x. 1 CNAME a.Y."},
       {},
       {"web.x. 1 CNAME a.Y.", "a.Y. 2 CNAME B.z.", "B.z. 3 A 10.0.0.1"}},
      {"of two aliases the first",
       {"@ 1 CNAME a.y.", "@ 1 CNAME b.y.", "b.y. 1 A 10.6.6.6"},
       {},
       {"web.x. 1 CNAME a.y."}},
      {"a chain without an end", {"@ 1 CNAME a.y."}, {}, {"web.x. 1 CNAME a.y."}},
      {"an alias of itself", {"@ 1 CNAME web.x."}, {}, {"web.x. 1 CNAME web.x."}},
      {"a loop",
       {"@ 1 CNAME a.y.", "a.y. 1 CNAME web.x."},
       {},
       {"web.x. 1 CNAME a.y.", "a.y. 1 CNAME web.x."}},
      {"a name with the type and an alias: the type",
       {"@ 1 CNAME a.y.", "@ 1 A 10.0.0.1", "a.y. 1 A 10.6.6.6"},
       {},
       {"web.x. 1 A 10.0.0.1"}},
      {"a CNAME asked for is not followed",
       {"@ 1 CNAME a.y.", "a.y. 1 CNAME b.y."},
       {},
       {"web.x. 1 CNAME a.y."},
       "web.x.",
       RrType::Cname},
      {"ANY: all of the name",
       {"@ 1 A 10.0.0.1", "@ 2 TXT # 0161", "a.y. 1 A 10.6.6.6"},
       {},
       {"web.x. 1 A 10.0.0.1", "web.x. 2 TXT \"a\""},
       "web.x.",
       RrType::Any},
      {"ANY: an alias ends it",
       {"@ 1 CNAME a.y.", "a.y. 1 A 10.6.6.6"},
       {},
       {"web.x. 1 CNAME a.y."},
       "web.x.",
       RrType::Any},
      {"not the authority of a whole answer", {"@ 60 A 10.0.0.1"}, {"x. 60 NS ns.x."}, {web1}},
      {"a negative answer", {}, {"x. 60 SOA x. 30"}, {"authority " + kSoa}},
      {"a negative answer at the name",
       {},
       {"@ 60 SOA web.x. 30"},
       {"authority web.x. 60 SOA ns.web.x. host.web.x. 1 2 3 4 30"}},
      {"a negative answer at the end of a chain",
       {"@ 1 CNAME a.y."},
       {"x. 60 SOA x. 30", "Y. 60 SOA y. 30"},
       {"web.x. 1 CNAME a.y.", "authority Y. 60 SOA ns.y. host.y. 1 2 3 4 30"}},
      {"not an SOA below the name", {}, {"a.web.x. 60 SOA x. 30"}, {}},
      {"not an SOA beside the name", {}, {"y. 60 SOA y. 30", "eb.x. 60 SOA x. 30"}, {}},
      {"an SOA of the root",
       {},
       {". 60 SOA x. 30"},
       {"authority . 60 SOA ns.x. host.x. 1 2 3 4 30"}},
      {"not NS beside an SOA", {}, {"x. 60 NS ns.x.", "x. 60 SOA x. 30"}, {"authority " + kSoa}},
      {"a referral",
       {},
       {"x. 60 NS ns.x.", "x. 9 NS ns2.x.", "y. 60 NS ns.y."},
       {"authority x. 9 NS ns.x.", "authority x. 9 NS ns2.x."}},
      {"not a referral elsewhere", {}, {"y. 60 NS ns.y."}, {}},
      {"not proofs that nobody asked for",
       {},
       {"x. 60 SOA x. 30", "x. 60 NSEC z.x.", "x. 60 RRSIG SOA x."},
       {"authority " + kSoa}},
      {"not signatures that nobody asked for", {"@ 60 A 10.0.0.1", "@ 60 RRSIG A x."}, {}, {web1}},
      {"DNAME with its CNAME",
       {"x. 9 DNAME y.", "@ 9 CNAME web.y.", "web.y. 1 A 10.0.0.1"},
       {},
       {"x. 9 DNAME \\# 3 017900", "web.x. 9 CNAME web.y.", "web.y. 1 A 10.0.0.1"}},
      {"DNAME behind its CNAME",
       {"web.y. 1 A 10.0.0.1", "@ 9 CNAME web.y.", "x. 9 DNAME y."},
       {},
       {"x. 9 DNAME \\# 3 017900", "web.x. 9 CNAME web.y.", "web.y. 1 A 10.0.0.1"}},
      {"DNAME alone: the CNAME is made",
       {"x. 9 DNAME y.", "web.y. 1 A 10.0.0.1"},
       {},
       {"x. 9 DNAME \\# 3 017900", "web.x. 9 CNAME web.y.", "web.y. 1 A 10.0.0.1"}},
      {"DNAME that does not make the CNAME",
       {"x. 9 DNAME z.", "@ 9 CNAME web.y."},
       {},
       {"web.x. 9 CNAME web.y."}},
      {"DNAME at the name itself leads nowhere", {"@ 9 DNAME y."}, {}, {}},
      {"DNAME elsewhere", {"eb.x. 9 DNAME y."}, {}, {}},
      {"DNAME asked for",
       {"@ 9 DNAME y."},
       {},
       {"web.x. 9 DNAME \\# 3 017900"},
       "web.x.",
       RrType::Dname},
      {"DNAME below itself",
       {"x. 9 DNAME x."},
       {},
       {"x. 9 DNAME \\# 3 017800", "web.x. 9 CNAME web.x."}},
      {"the root asked for", {". 9 NS ns.x."}, {}, {". 9 NS ns.x."}, ".", RrType::Ns},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    UpstreamReply reply = reply_with(row.answer, row.authority, {"a.y. 1 A 10.6.6.6"});
    reply.qname = row.qname;
    reply.qtype = static_cast<uint16_t>(row.qtype);
    Asked asked(row.qname, row.qtype);
    asked.read(reply.encode());
    CHECK(verdict(asked.response) == "ours");
    CHECK(asked.lines() == row.kept);
  }
}

TEST_CASE("response: signatures and proofs for those who ask") {
  const struct {
    const char* what;
    Lines answer, authority;
    std::vector<std::pair<std::string, RrType>> kept;  // owner and type, in order
  } rows[] = {
      {"an answer and its signature",
       {"@ 60 RRSIG A x.", "@ 60 RRSIG AAAA x.", "@ 60 A 10.0.0.1", "y. 60 RRSIG A y."},
       {},
       {{"web.x.", RrType::A}, {"web.x.", RrType::Rrsig}}},
      {"each link's signature",
       {"@ 60 CNAME a.y.", "@ 60 RRSIG CNAME x.", "a.y. 60 A 10.0.0.1", "a.y. 60 RRSIG A y."},
       {},
       {{"web.x.", RrType::Cname},
        {"web.x.", RrType::Rrsig},
        {"a.y.", RrType::A},
        {"a.y.", RrType::Rrsig}}},
      {"a wildcard's proof",
       {"@ 60 A 10.0.0.1", "@ 60 RRSIG A x."},
       {"a.x. 60 NSEC z.x.", "a.x. 60 RRSIG NSEC x.", "x. 60 NS ns.x.", "x. 60 RRSIG NS x."},
       {{"web.x.", RrType::A},
        {"web.x.", RrType::Rrsig},
        {"a.x.", RrType::Nsec},
        {"a.x.", RrType::Rrsig}}},
      {"no proof of a zone that signed nothing",
       {"@ 60 A 10.0.0.1", "@ 60 RRSIG A x."},
       {"a.y. 60 NSEC z.y.", "a.y. 60 RRSIG NSEC y."},
       {{"web.x.", RrType::A}, {"web.x.", RrType::Rrsig}}},
      {"no proof of an unsigned answer",
       {"@ 60 A 10.0.0.1"},
       {"a.x. 60 NSEC z.x."},
       {{"web.x.", RrType::A}}},
      {"a negative answer",
       {},
       {"a.x. 60 NSEC z.x.", "a.x. 60 RRSIG NSEC x.", "x. 60 SOA x. 30", "x. 60 RRSIG SOA x.",
        "x. 60 NSEC a.x.", "y. 60 NSEC z.y.", "x. 60 NS ns.x."},
       {{"x.", RrType::Soa},
        {"x.", RrType::Rrsig},
        {"a.x.", RrType::Nsec},
        {"a.x.", RrType::Rrsig},
        {"x.", RrType::Nsec}}},
      {"hashed proofs",
       {},
       {"x. 60 SOA x. 30", "0abc.x. 60 NSEC3 # 01 00 0000 00 02abcd 0001 40",
        "0abc.x. 60 RRSIG NSEC3 x."},
       {{"x.", RrType::Soa}, {"0abc.x.", RrType::Nsec3}, {"0abc.x.", RrType::Rrsig}}},
      {"a DNAME's signature",
       {"x. 9 DNAME y.", "x. 9 RRSIG DNAME x.", "@ 9 CNAME web.y."},
       {},
       {{"x.", RrType::Dname}, {"x.", RrType::Rrsig}, {"web.x.", RrType::Cname}}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    Asked asked("web.x.", RrType::A, true);
    asked.read(reply_with(row.answer, row.authority).encode());
    CHECK(verdict(asked.response) == "ours");
    std::vector<std::pair<std::string, RrType>> kept;
    for (const Record& record : asked.answer.records()) {
      kept.emplace_back(to_text(asked.answer.name(record.owner, asked.question.qname)),
                        record.type);
    }
    CHECK(kept == row.kept);
  }
}

TEST_CASE("response: signatures of one RRset share its smallest TTL") {
  Asked asked("web.x.", RrType::A, true);
  asked.read(reply_with({"@ 60 A 10.0.0.1", "@ 40 RRSIG A x.", "@ 50 RRSIG A y."}).encode());
  REQUIRE(asked.answer.records().size() == 3);
  CHECK(asked.answer.records()[1].ttl == 40);
  CHECK(asked.answer.records()[2].ttl == 40);
}

TEST_CASE("response: sixteen links are followed, no more") {
  for (const size_t links : {size_t{15}, kMaxChain, kMaxChain + 1, size_t{40}}) {
    CAPTURE(links);
    Lines answer{"@ 1 CNAME n1.x."};
    for (size_t i = 1; i < links; ++i) {
      answer.push_back("n" + std::to_string(i) + ".x. 1 CNAME n" + std::to_string(i + 1) + ".x.");
    }
    answer.push_back("n" + std::to_string(links) + ".x. 1 A 10.0.0.1");
    Asked asked;
    asked.read(reply_with(answer).encode());
    CHECK(verdict(asked.response) == "ours");
    const size_t kept = links <= kMaxChain ? links + 1 : kMaxChain;
    CHECK(asked.answer.records().size() == kept);
  }
}

TEST_CASE("response: a DNAME that makes a name too long ends the chain") {
  const std::string label(63, 'a');
  const std::string long_name =
      label + "." + label + "." + label + "." + std::string(57, 'b') + ".";
  UpstreamReply reply = reply_with({"x. 9 DNAME " + long_name});
  Asked asked;
  asked.read(reply.encode());
  CHECK(verdict(asked.response) == "ours");
  CHECK(asked.answer.records().size() == 2);  // web. + 251 octets fit
  reply.qname = "webby.x.";
  Asked longer("webby.x.");
  longer.read(reply.encode());
  CHECK(verdict(longer.response) == "ours");
  CHECK(longer.answer.records().empty());
}

}  // namespace
}  // namespace fairlead::dns
