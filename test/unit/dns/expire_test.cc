#include "dns/expire.h"

#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "dns/query.h"
#include "dns/render.h"

namespace fairlead::dns {
namespace {

using Octets = std::vector<uint8_t>;

Query query_of(RrType type, const Octets& options) {
  Query query;
  query.has_question = true;
  query.transport = Transport::Tcp;
  query.qtype = type;
  query.has_edns = true;
  query.edns.options = options;
  return query;
}

Answer soa_answer(uint32_t expire) {
  Answer answer;
  answer.authoritative = true;
  answer.add_soa(Section::Answer, kQname, 5, {.serial = 1, .expire = expire, .minimum = 9});
  return answer;
}

// What a client reads of it.
SaidExpire said(const Answer& answer, bool edns = true) {
  const Name zone = *Name::from_text("x.test");
  Query query = query_of(RrType::Soa, {});
  query.has_edns = edns;
  query.edns.udp_size = 1232;
  query.set_name(zone.view());
  Octets out(kMaxTcpReply);
  out.resize(render(query, answer, out));
  return read_expire(out);
}

std::optional<uint32_t> said_with(const Octets& data) {
  Answer answer;
  answer.add_option(OptionCode::Cookie, data);
  answer.add_option(OptionCode::Expire, data);
  return said(answer).left;
}

TEST_CASE("expire: asked for with SOA, AXFR and IXFR") {
  const Octets asks(kAsksExpire.begin(), kAsksExpire.end());
  for (const RrType type : {RrType::Soa, RrType::Axfr, RrType::Ixfr})
    CHECK(asks_expire(query_of(type, asks)));
  for (const RrType type : {RrType::A, RrType::Ns, RrType::Any})
    CHECK_FALSE(asks_expire(query_of(type, asks)));
  const Octets others{0, 3, 0, 0, 0, 9, 0, 1, 7};
  CHECK(asks_expire(query_of(RrType::Soa, others)));
  const Octets nsid{0, 3, 0, 2, 0, 9};
  CHECK_FALSE(asks_expire(query_of(RrType::Soa, nsid)));
  Query plain = query_of(RrType::Soa, asks);
  plain.has_edns = false;
  CHECK_FALSE(asks_expire(plain));
}

TEST_CASE("expire: said with a zone's SOA, and no longer than that") {
  Answer answer = soa_answer(86400);
  say_expire(answer);
  CHECK(said(answer).left == 86400);
  say_expire(answer, 7);
  CHECK(said(answer).left == 7);
  say_expire(answer, 86401);
  CHECK(said(answer).left == 86400);
  CHECK(answer.options().size() == 8);
  answer = soa_answer(UINT32_MAX);
  say_expire(answer, 0);
  CHECK(said(answer).left == 0);
}

TEST_CASE("expire: not said with other answers") {
  Answer referral = soa_answer(1);
  referral.authoritative = false;
  Answer failure = soa_answer(1);
  failure.rcode = Rcode::ServFail;
  Answer denial;
  denial.authoritative = true;
  denial.add_soa(Section::Authority, kQname, 5, {.expire = 1});
  Answer alias;
  alias.authoritative = true;
  alias.add_name_record(RrType::Cname, Section::Answer, kQname, 5, kQname);
  alias.add_soa(Section::Answer, kQname, 5, {.expire = 1});
  Answer nothing;
  nothing.authoritative = true;
  for (Answer* const answer : {&referral, &failure, &denial, &alias, &nothing}) {
    say_expire(*answer);
    CHECK(answer->options().empty());
  }
}

TEST_CASE("expire: read from a message, also from one that is wrong") {
  CHECK(said_with({0, 1, 2, 3}) == 0x010203);
  CHECK(said_with({}) == std::nullopt);
  CHECK(said_with({1, 2, 3}) == std::nullopt);
  CHECK(said_with({1, 2, 3, 4, 5}) == std::nullopt);
  CHECK(said(soa_answer(1)).has_edns);
  CHECK_FALSE(said(soa_answer(1), false).has_edns);
  CHECK_FALSE(read_expire({}).has_edns);
  // The OPT record is said to be longer than the message.
  const Octets cut{0, 0, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 9, 0, 9};
  CHECK_FALSE(read_expire(cut).has_edns);
}

}  // namespace
}  // namespace fairlead::dns
