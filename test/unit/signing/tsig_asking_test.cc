// A question that is signed, and replies as a server signs them, well or badly.
#include "signing/tsig_asking.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "dns/parse.h"
#include "dns/render.h"
#include "dns/response.h"

using namespace fairlead;

namespace {

using Octets = std::vector<uint8_t>;
constexpr uint64_t kNow = 1'700'000'000;
constexpr auto kAlgorithm = signing::TsigAlgorithm::Sha256;

signing::TsigKey key_of(std::string_view secret, const char* name = "k.example.") {
  return {*dns::Name::from_text(name), {secret.begin(), secret.end()}};
}

// The server's end of one conversation.
struct Server {
  explicit Server(const Octets& packet) {
    dns::parse_query(packet, dns::Transport::Tcp, query);
    words = signing::words_of(packet, query.tsig);
    before.size = static_cast<uint8_t>(query.tsig.mac.size());
    std::copy(query.tsig.mac.begin(), query.tsig.mac.end(), before.octets.begin());
  }

  Octets plain(dns::Rcode rcode = dns::Rcode::NoError) {
    dns::Answer answer;
    answer.rcode = rcode;
    Octets out(dns::kMaxTcpReply);
    out.resize(dns::render(query, answer, out));
    return out;
  }

  Octets sign(Octets message, const signing::TsigKey& key) {
    const size_t size = message.size();
    message.resize(size + 512);
    const signing::TsigMac last = before;
    const signing::TsigSecret secret{key, kAlgorithm, &last, is_first};
    message.resize(signing::append_tsig(message, size, words, &secret, before));
    is_first = false;
    return message;
  }

  dns::Query query;
  signing::TsigWords words;
  signing::TsigMac before;
  bool is_first = true;
};

struct Asked {
  explicit Asked(const signing::TsigKey& with) : key(with), asking(key, kAlgorithm) {
    query.resize(dns::kMaxUpstreamQuery);
    const dns::Name name = *dns::Name::from_text("example.org.");
    query.resize(
        dns::write_query({.qname = name.view(), .qtype = dns::RrType::Axfr}, 77, false, query));
    REQUIRE(asking.sign(query, kNow));
  }
  signing::TsigKey key;
  signing::TsigAsking asking;
  Octets query;
};

const signing::TsigKey kKey = key_of("the secret of both");

}  // namespace

TEST_CASE("tsig asking: a server finds the question well signed") {
  const Asked asked(kKey);
  dns::Query query;
  dns::parse_query(asked.query, dns::Transport::Tcp, query);
  REQUIRE(query.has_tsig);
  CHECK(signing::verify_tsig(asked.query, query.tsig, kKey, kNow) == signing::TsigError::None);
  CHECK(signing::verify_tsig(asked.query, query.tsig, key_of("another"), kNow) ==
        signing::TsigError::BadSig);
}

TEST_CASE("tsig asking: one message, and many of which each is signed") {
  Asked asked(kKey);
  Server server(asked.query);
  for (int i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(asked.asking.check(server.sign(server.plain(), kKey), kNow + 5) == "");
    CHECK(asked.asking.is_closed());
  }
}

TEST_CASE("tsig asking: what is not signed in between counts for the next that is") {
  Asked asked(kKey);
  Server server(asked.query);
  CHECK(asked.asking.check(server.sign(server.plain(), kKey), kNow) == "");
  CHECK(asked.asking.check(server.plain(), kNow) == "");
  CHECK_FALSE(asked.asking.is_closed());
  // Whoever leaves a message out, or puts one in, has another signature.
  CHECK(asked.asking.check(server.sign(server.plain(), kKey), kNow) == "the signature is wrong");
}

TEST_CASE("tsig asking: a hundred messages without a signature are too many") {
  Asked asked(kKey);
  Server server(asked.query);
  CHECK(asked.asking.check(server.sign(server.plain(), kKey), kNow) == "");
  for (int i = 0; i < 99; ++i) CHECK(asked.asking.check(server.plain(), kNow) == "");
  CHECK(asked.asking.check(server.plain(), kNow) == "too many messages are not signed");
}

TEST_CASE("tsig asking: replies that are not believed") {
  const auto verdict = [](auto make, uint64_t now = kNow) {
    Asked asked(kKey);
    Server server(asked.query);
    return asked.asking.check(make(server), now);
  };
  CHECK(verdict([](Server& s) { return s.plain(); }) == "the reply is not signed");
  CHECK(verdict([](Server& s) { return s.plain(dns::Rcode::Refused); }) ==
        "the server says REFUSED, and has not signed it");
  CHECK(verdict([](Server& s) { return s.sign(s.plain(), key_of("another")); }) ==
        "the signature is wrong");
  CHECK(verdict([](Server& s) {
          s.words.key_name = *dns::Name::from_text("other.example.");
          return s.sign(s.plain(), key_of("the secret of both", "other.example."));
        }) == "the reply is signed with another key");
  CHECK(verdict([](Server& s) { return s.sign(s.plain(), kKey); }, kNow + 301) ==
        "the signature is of another time");
  CHECK(verdict([](Server& s) {
          Octets reply = s.sign(s.plain(), kKey);
          reply[2] ^= 1;
          return reply;
        }) == "the signature is wrong");
  CHECK(verdict([](Server& s) {
          s.words.error = signing::TsigError::BadTime;
          return s.sign(s.plain(dns::Rcode::NotAuth), kKey);
        }) == "the server says BADTIME");
  CHECK(verdict([](Server& s) {
          Octets reply = s.plain(dns::Rcode::NotAuth);
          const size_t size = reply.size();
          reply.resize(size + 512);
          s.words.error = signing::TsigError::BadKey;
          reply.resize(signing::append_tsig(reply, size, s.words, nullptr, s.before));
          return reply;
        }) == "the server says BADKEY");
  CHECK(verdict([](Server& s) {
          Octets reply = s.sign(s.plain(), kKey);
          reply.pop_back();
          return reply;
        }) == "a message or its signature cannot be read");
  CHECK(verdict([](Server&) { return Octets{1, 2, 3}; }) == "a message is too short");
}
