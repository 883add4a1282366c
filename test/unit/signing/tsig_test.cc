// Messages that dnspython has signed, and what RFC 8945 says of others.
#include "signing/tsig.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "dns/parse.h"

using namespace fairlead;
using signing::TsigError;

namespace {

using Octets = std::vector<uint8_t>;

Octets octets_of(std::string_view hex) {
  Octets octets;
  for (size_t i = 0; i < hex.size(); i += 2)
    octets.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return octets;
}

const std::string_view kSecret = "secret-one-secret";
constexpr uint64_t kTime = 1'700'000'000;

signing::TsigKey key_of(std::string_view secret = kSecret) {
  return {*dns::Name::from_text("k.example."), {secret.begin(), secret.end()}};
}

// "a.example. A", id 0x1234, at kTime by key k.example., whose name is compressed.
struct Signed {
  const char* algorithm;
  const char* query;
  const char* reply;
};
constexpr Signed kSigned[] = {
    {"hmac-sha1",
     "1234000000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "2f09686d61632d736861310000006553f100012c001405ee9637ad88a3164a2f88fb07241bc8fe1a"
     "ee23123400000000",
     "1234840000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "2f09686d61632d736861310000006553f100012c001459d3f11ba79a0586d0de2c6070eefe3081ce"
     "ae34123400000000"},
    {"hmac-sha224",
     "1234000000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "390b686d61632d7368613232340000006553f100012c001c3f4108b07639cd5dbe1f0dcb37d529e3"
     "057c9518d46cbbb79ef6ace6123400000000",
     "1234840000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "390b686d61632d7368613232340000006553f100012c001cd15f0a3b100ca98ce375048958d7f542"
     "2a932749dbaeaa2128a94cae123400000000"},
    {"hmac-sha256",
     "1234000000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "3d0b686d61632d7368613235360000006553f100012c0020dd46980fa8e8bb8a8c9a2c01778ec1c6"
     "f810213da213c84267ff655bf07b0f45123400000000",
     "1234840000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "3d0b686d61632d7368613235360000006553f100012c0020196795435e8526bb25fd8b4df8e4c3e2"
     "0e61c91956591be3f76b69d39fad714c123400000000"},
    {"hmac-sha384",
     "1234000000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "4d0b686d61632d7368613338340000006553f100012c0030619cdc994d34e0ef124a9a5f49ff9217"
     "80f44398786404ee15a5458ada96b46358a889674bddfdafd5e314686478f5dc123400000000",
     "1234840000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "4d0b686d61632d7368613338340000006553f100012c00301ac54bcb08b11825ae3929c7857bd831"
     "ccb86403cf13398bc05ecfad9a7f69479c9b231bc3502795ba5b7458036f945b123400000000"},
    {"hmac-sha512",
     "1234000000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "5d0b686d61632d7368613531320000006553f100012c00404e76b3680d7201ca71d4d35d14802afb"
     "25e97bbdae409c32ff0cad315abcd6cd4e8f684d4f3600f44555b539a33ed1af47e20c1485bbc9e6"
     "98e7dd1aaae28a4b123400000000",
     "1234840000010000000000010161076578616d706c650000010001016bc00e00fa00ff0000000000"
     "5d0b686d61632d7368613531320000006553f100012c0040938ffb124f94881face8ee09d1b055e4"
     "25df1b8c46060bb8cfdbbbe679a3ae1c2363b8722ca2da9c07bb931513d464d39e7e92bc98d85ae0"
     "af5be973b8983891123400000000"},
};

TsigError verdict(const Octets& packet, const signing::TsigKey& key, uint64_t now) {
  dns::Query query;
  REQUIRE(dns::parse_query(packet, dns::Transport::Udp, query).rcode == dns::Rcode::NotAuth);
  REQUIRE(query.has_tsig);
  return verify_tsig(packet, query.tsig, key, now);
}

// The MAC's size, and as many octets of it as are to be left.
Octets with_mac_size(Octets packet, size_t whole, size_t left) {
  const size_t at = packet.size() - 6 - whole;
  packet[at - 1] = static_cast<uint8_t>(left);
  packet[at - 24] = static_cast<uint8_t>(packet[at - 24] + left - whole);
  packet.erase(packet.begin() + static_cast<long>(at + left),
               packet.begin() + static_cast<long>(at + whole));
  return packet;
}

}  // namespace

TEST_CASE("tsig: what dnspython has signed is good, and so is our reply") {
  for (const Signed& by : kSigned) {
    CAPTURE(by.algorithm);
    const Octets packet = octets_of(by.query);
    dns::Query query;
    dns::parse_query(packet, dns::Transport::Udp, query);
    REQUIRE(query.has_tsig);
    const auto algorithm = signing::tsig_algorithm(query.tsig.algorithm);
    REQUIRE(algorithm);
    CHECK(verify_tsig(packet, query.tsig, key_of(), kTime) == TsigError::None);

    Octets reply = packet;
    reply.resize(query.tsig.at);
    reply[2] = 0x84;
    reply[11] = 0;
    const size_t size = reply.size();
    reply.resize(512);
    signing::TsigMac before;
    std::copy(query.tsig.mac.begin(), query.tsig.mac.end(), before.octets.begin());
    before.size = static_cast<uint8_t>(query.tsig.mac.size());
    const signing::TsigKey key = key_of();
    const signing::TsigSecret secret{key, *algorithm, &before, true};
    signing::TsigMac made;
    const auto words = signing::words_of(packet, query.tsig);
    reply.resize(signing::append_tsig(reply, size, words, &secret, made));
    const Octets theirs = octets_of(by.reply);
    const size_t mac = signing::mac_size(*algorithm);
    CHECK(made.size == mac);
    CHECK(std::equal(made.view().begin(), made.view().end(),
                     theirs.end() - 6 - static_cast<long>(mac)));
    CHECK(reply.size() == size + tsig_size(words, mac));
  }
}

TEST_CASE("tsig: mistakes, in the order of RFC 8945") {
  const Octets good = octets_of(kSigned[2].query);
  CHECK(verdict(good, key_of(), kTime) == TsigError::None);
  CHECK(verdict(good, key_of("another"), kTime) == TsigError::BadSig);
  CHECK(verdict(good, key_of(""), kTime) == TsigError::BadSig);
  for (size_t at : {size_t{3}, size_t{13}, good.size() - 3, good.size() - 10, good.size() - 45}) {
    Octets changed = good;
    changed[at] ^= 1;
    CAPTURE(at);
    if (at == 3) changed[at] ^= 0x21;  // a flag
    CHECK(verdict(changed, key_of(), kTime) == TsigError::BadSig);
  }
  CHECK(verdict(good, key_of(), kTime + 300) == TsigError::None);
  CHECK(verdict(good, key_of(), kTime - 300) == TsigError::None);
  CHECK(verdict(good, key_of(), kTime + 301) == TsigError::BadTime);
  CHECK(verdict(good, key_of(), kTime - 301) == TsigError::BadTime);
  CHECK(verdict(good, key_of("another"), kTime + 301) == TsigError::BadSig);
}

TEST_CASE("tsig: a MAC that was cut is seen, one of no size is none") {
  const Octets good = octets_of(kSigned[2].query);
  CHECK(verdict(with_mac_size(good, 32, 16), key_of(), kTime) == TsigError::BadTrunc);
  CHECK(verdict(with_mac_size(good, 32, 15), key_of(), kTime) == TsigError::BadSize);
  CHECK(verdict(with_mac_size(good, 32, 0), key_of(), kTime) == TsigError::BadSig);
}

TEST_CASE("tsig: the id may have been changed on the way") {
  Octets packet = octets_of(kSigned[2].query);
  packet[0] = 0x99;
  CHECK(verdict(packet, key_of(), kTime) == TsigError::None);
}

TEST_CASE("tsig: algorithms by name") {
  const auto find = [](const char* name) {
    return signing::tsig_algorithm(dns::Name::from_text(name)->view());
  };
  CHECK(find("HMAC-SHA256.") == signing::TsigAlgorithm::Sha256);
  CHECK(find("hmac-sha512") == signing::TsigAlgorithm::Sha512);
  CHECK(!find("hmac-md5.sig-alg.reg.int."));
  CHECK(!find("."));
}

TEST_CASE("tsig: without room nothing is written") {
  const Octets packet = octets_of(kSigned[2].query);
  dns::Query query;
  dns::parse_query(packet, dns::Transport::Udp, query);
  const auto words = signing::words_of(packet, query.tsig);
  Octets reply(12 + tsig_size(words, 0), 0);
  signing::TsigMac mac;
  CHECK(append_tsig(reply, 12, words, nullptr, mac) == reply.size());
  CHECK(mac.size == 0);
  reply.pop_back();
  CHECK(append_tsig(reply, 12, words, nullptr, mac) == 0);
}
