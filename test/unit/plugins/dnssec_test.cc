#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dns/record_text.h"
#include "dns/text_record.h"
#include "plugins/dnssec/setup.h"
#include "plugins/dnssec/signer.h"
#include "test/unit/plugins/setup_support.h"
#include "test/unit/support/zone_keys.h"

namespace fairlead::plugins::dnssec {
using namespace fairlead::plugins::testing;

namespace {

using dns::Section;
using Lines = std::vector<std::string>;

const auto kDnssec = [](auto& cursor, const auto& context) {
  return dnssec::parse(cursor, context);
};

const std::map<std::string, std::string>& files() {
  static const std::map<std::string, std::string> kFiles{
      {"/ksk.key", test::kP256.public_text},
      {"/ksk.private", test::kP256.private_text},
      {"/zsk.key", test::kP256Zone.public_text},
      {"/zsk.private", test::kP256Zone.private_text},
      {"/net.key", test::kP256Net.public_text},
      {"/net.private", test::kP256Net.private_text},
      {"/sha1.key", test::kRsaSha1.public_text},
      {"/sha1.private", test::kRsaSha1.private_text},
      {"/swap.key", test::kP256.public_text},
      {"/swap.private", test::kP256Net.private_text},
      {"/half.key", test::kP256.public_text},
      {"/none.key", "\n"},
      {"/none.private", "x"}};
  return kFiles;
}

Options options_of(const std::string& lines) {
  return with_directive("dnssec", lines, kDnssec, files());
}

// A reply to a question for `name`, in lines of text: "answer", "authority" or "additional" and the
// record.
class Case {
 public:
  Case(const std::string& name, const std::string& type, const Lines& lines) {
    qname_ = *dns::Name::from_text(name);
    question_.set_name(qname_.view());
    question_.qtype = *dns::rr_type_from_text(type);
    question_.qclass = dns::RrClass::In;
    question_.has_edns = true;
    question_.edns.dnssec_ok = true;
    question_.edns.udp_size = 1232;
    for (const std::string& line : lines) add(line);
  }
  Case& nxdomain() {
    answer.rcode = dns::Rcode::NxDomain;
    return *this;
  }
  Case& delegated() {
    delegated_ = true;
    return *this;
  }

  // What has become of it, signatures as "TYPE TAG ZONE TTL".
  Lines sign(const Signer& signer) {
    const std::chrono::system_clock::time_point now(std::chrono::seconds(1'700'000'000));
    signer.sign({question_, answer, now, delegated_}, bench_, &counters);
    Lines lines;
    for (const dns::Record& record : answer.records()) lines.push_back(line_of(record));
    return lines;
  }

  dns::Answer answer;
  Counters counters;

 private:
  void add(const std::string& line) {
    const size_t space = line.find(' ');
    const std::string word = line.substr(0, space);
    const Section section = word == "answer"      ? Section::Answer
                            : word == "authority" ? Section::Authority
                                                  : Section::Additional;
    dns::TextRecord record;
    REQUIRE(record.read(line.substr(space + 1)).empty());
    const dns::NameRef owner = dns::equal_ignoring_case(record.owner(), question_.qname)
                                   ? dns::kQname
                                   : answer.add_name(record.owner());
    answer.add_raw(section, owner, record.type(), record.ttl(), record.rdata());
  }

  [[nodiscard]] std::string line_of(const dns::Record& record) const {
    constexpr const char* kSections[] = {"answer ", "authority ", "additional "};
    std::string text = kSections[static_cast<size_t>(record.section)] +
                       dns::to_text(answer, record, question_.qname);
    text.replace(text.find(" IN "), 4, " ");
    if (record.type != dns::RrType::Rrsig) return text;
    return text.substr(0, text.rfind(' '));
  }

  dns::Name qname_;
  dns::Query question_;
  bool delegated_ = false;
  Workbench bench_;
};

std::shared_ptr<Signer> signer_of(const std::string& lines) {
  return std::make_shared<Signer>(options_of(lines),
                                  std::make_shared<signing::SignatureCache>(100));
}

const std::string kSoa =
    "authority example.org. 300 SOA ns.example.org. me.example.org. 1 2 3 4 300";
const std::string kTimes = " 20231122221320 20231114191320 46647 example.org.";

std::string rrsig(const std::string& owner, const std::string& type, int labels, int ttl) {
  return owner + " " + std::to_string(ttl) + " RRSIG " + type + " 13 " + std::to_string(labels) +
         " " + std::to_string(ttl) + kTimes;
}

const std::string kTypes =
    " HINFO MX TXT AAAA LOC SRV NAPTR CERT SSHFP RRSIG NSEC TLSA SMIMEA HIP OPENPGPKEY SVCB HTTPS "
    "SPF "
    "URI CAA";

}  // namespace

TEST_CASE("dnssec: options") {
  const Options none = options_of("dnssec");
  CHECK(none.zones.size() == 1);
  CHECK(none.keys.empty());
  CHECK(none.cache_capacity == 10'000);
  const Options all = options_of(
      "dnssec example.org a.example.net {\nkey file /ksk /zsk.key\nkey file /net.private\n"
      "cache_capacity 7\n}");
  CHECK(all.zones.size() == 2);
  CHECK(all.keys.size() == 3);
  CHECK(all.cache_capacity == 7);
  CHECK(options_of("dnssec {\ncache_capacity -1\n}").cache_capacity == 0);
}

TEST_CASE("dnssec: mistakes") {
  const BadLine cases[] = {
      {"dnssec {\nkey\n}", arguments_after(3, "key")},
      {"dnssec {\nkey file\n}", arguments_after(3, "file")},
      {"dnssec {\nkey foo x\n}", parsing(3, "key foo: only `key file` is known")},
      {"dnssec {\nkey file /nothing\n}",
       parsing(3, "open /nothing.key: no such file or directory")},
      {"dnssec {\nkey file /half\n}", parsing(3, "open /half.private: no such file or directory")},
      {"dnssec {\nkey file /none\n}", parsing(3, "/none: no public key found")},
      {"dnssec {\nkey file /swap\n}",
       parsing(3, "/swap: the private key is not that of the public key")},
      {"dnssec {\nkey file /net\n}",
       parsing(4, "key example.net. (keyid: 57158) can not sign any of the zones")},
      {"dnssec {\ncache_capacity\n}", arguments_after(3, "cache_capacity")},
      {"dnssec {\ncache_capacity x\n}", parsing(3, "strconv.Atoi: parsing \"x\": invalid syntax")},
      {"dnssec {\ncache_capacity 10 20\n}", arguments_after(3, "20")},
      {"dnssec {\nfoo\n}", parsing(3, "unknown property 'foo'")},
      {"dnssec\ndnssec", "3" + kOnce},
  };
  check_mistakes("dnssec", cases, kDnssec, files());
}

TEST_CASE("dnssec: every RRset gets a signature with its TTL, the smallest of its records") {
  const auto signer = signer_of("dnssec {\nkey file /ksk\n}");
  Case data("b.Example.org.", "A",
            {"answer b.example.org. 3600 A 10.0.0.2", "answer b.example.org. 60 A 10.0.0.3",
             "authority example.org. 300 NS ns.example.org.",
             "additional ns.example.org. 30 A 10.0.0.53", "additional other.net. 30 A 10.0.0.1"});
  CHECK(data.sign(*signer) ==
        Lines{"answer b.Example.org. 60 A 10.0.0.2", "answer b.Example.org. 60 A 10.0.0.3",
              "authority example.org. 300 NS ns.example.org.",
              "additional ns.example.org. 30 A 10.0.0.53", "additional other.net. 30 A 10.0.0.1",
              "answer " + rrsig("b.Example.org.", "A", 3, 60),
              "authority " + rrsig("example.org.", "NS", 2, 300),
              "additional " + rrsig("ns.example.org.", "A", 3, 30)});
  CHECK(data.counters.misses.value() == 3);
}

TEST_CASE("dnssec: what has signatures, was cut, or is elsewhere stays as it is") {
  const auto signer = signer_of("dnssec {\nkey file /ksk\n}");
  const std::string signed_record =
      "answer a.example.org. 60 RRSIG A 13 3 60 20300101000000 20250101000000 1 example.org. YQ==";
  Case has("a.example.org.", "A", {"answer a.example.org. 60 A 10.0.0.1", signed_record});
  CHECK(has.sign(*signer).size() == 2);
  Case cut("a.example.org.", "A", {"answer a.example.org. 60 A 10.0.0.1"});
  cut.answer.truncated = true;
  CHECK(cut.sign(*signer).size() == 1);
  Case elsewhere("a.example.net.", "A", {"answer a.example.net. 60 A 10.0.0.1"});
  CHECK(elsewhere.sign(*signer).size() == 1);
  Case denied("a.example.net.", "A", {kSoa});
  CHECK(denied.nxdomain().sign(*signer).size() == 2);
  CHECK(denied.answer.rcode == dns::Rcode::NxDomain);
}

TEST_CASE("dnssec: denials say of one name what it has") {
  const auto signer = signer_of("dnssec {\nkey file /ksk\n}");
  const std::string soa = kSoa, soa_sig = "authority " + rrsig("example.org.", "SOA", 2, 300);
  const auto nsec = [](const std::string& name, const std::string& types) {
    return "authority " + name + " 300 NSEC \\000." + name + types;
  };
  Case missing("No.example.org.", "A", {kSoa});
  CHECK(missing.nxdomain().sign(*signer) ==
        Lines{soa, nsec("no.example.org.", " RRSIG NSEC NXNAME"), soa_sig,
              "authority " + rrsig("no.example.org.", "NSEC", 3, 300)});
  CHECK(missing.answer.rcode == dns::Rcode::NoError);
  Case none("a.example.org.", "A", {kSoa});
  CHECK(none.sign(*signer)[1] == nsec("a.example.org.", " PTR" + kTypes));
  Case pointer("a.example.org.", "PTR", {kSoa});
  CHECK(pointer.sign(*signer)[1] == nsec("a.example.org.", " A" + kTypes));
  Case apex("example.org.", "PTR", {kSoa});
  CHECK(
      apex.sign(*signer)[1] ==
      nsec("example.org.",
           " A NS SOA HINFO MX TXT AAAA LOC SRV NAPTR CERT SSHFP RRSIG NSEC DNSKEY TLSA SMIMEA HIP "
           "CDS CDNSKEY OPENPGPKEY SVCB HTTPS SPF URI CAA"));
  Case delegation("sub.example.org.", "DS", {kSoa});
  CHECK(delegation.delegated().sign(*signer)[1] == nsec("sub.example.org.", " NS RRSIG NSEC"));
  Case no_ds("a.example.org.", "DS", {kSoa});
  CHECK(no_ds.sign(*signer)[1] == nsec("a.example.org.", " A PTR" + kTypes));
  Case asked("a.example.org.", "NSEC", {kSoa});
  CHECK(asked.nxdomain().sign(*signer) ==
        Lines{"answer a.example.org. 300 NSEC \\000.a.example.org. RRSIG NSEC NXNAME",
              "answer " + rrsig("a.example.org.", "NSEC", 3, 300)});
}

TEST_CASE("dnssec: the end of aliases is what is denied") {
  const auto signer = signer_of("dnssec {\nkey file /ksk\n}");
  Case alias("a.example.org.", "A",
             {"answer a.example.org. 60 CNAME b.example.org.",
              "answer b.example.org. 60 CNAME No.example.org.", kSoa});
  const Lines said = alias.nxdomain().sign(*signer);
  REQUIRE(said.size() == 8);
  CHECK(said[3] == "authority no.example.org. 300 NSEC \\000.no.example.org. RRSIG NSEC NXNAME");
  CHECK(alias.answer.rcode == dns::Rcode::NoError);
  Case away("a.example.org.", "A", {"answer a.example.org. 60 CNAME b.example.net."});
  CHECK(away.nxdomain().sign(*signer) ==
        Lines{"answer a.example.org. 60 CNAME b.example.net.",
              "answer " + rrsig("a.example.org.", "CNAME", 3, 60)});
  CHECK(away.answer.rcode == dns::Rcode::NxDomain);
}

TEST_CASE("dnssec: referrals prove whether the child is signed") {
  const auto signer = signer_of("dnssec {\nkey file /ksk\n}");
  Case plain("x.sub.example.org.", "A",
             {"authority sub.example.org. 300 NS ns.sub.example.org.",
              "additional ns.sub.example.org. 300 A 10.0.0.9"});
  CHECK(plain.sign(*signer) ==
        Lines{"authority sub.example.org. 300 NS ns.sub.example.org.",
              "additional ns.sub.example.org. 300 A 10.0.0.9",
              "authority sub.example.org. 300 NSEC \\000.sub.example.org. NS RRSIG NSEC",
              "authority " + rrsig("sub.example.org.", "NSEC", 3, 300)});
  Case secure("x.sub.example.org.", "A",
              {"authority sub.example.org. 300 NS ns.sub.example.org.",
               "authority sub.example.org. 300 DS 1 13 2 abcd"});
  CHECK(secure.sign(*signer).back() == "authority " + rrsig("sub.example.org.", "DS", 3, 300));
}

TEST_CASE("dnssec: entry points sign keys, others records; keys sign what lies below them") {
  const auto split = signer_of("dnssec {\nkey file /ksk /zsk\n}");
  const SignedZone* const zone = split->zone_of(dns::Name::from_text("a.example.org")->view());
  REQUIRE(zone != nullptr);
  CHECK(zone->for_keys.size() == 1);
  CHECK(zone->for_keys[0]->tag() == 46647);
  CHECK(zone->for_records.size() == 1);
  CHECK(zone->for_records[0]->tag() == 61779);
  CHECK(zone->all.size() == 2);
  const auto several = signer_of(
      "dnssec example.org sub.example.org example.net other.test {\nkey file /ksk /net\n}");
  const auto keys = [&](const char* name) {
    return several->zone_of(dns::Name::from_text(name)->view())->all.size();
  };
  CHECK(keys("example.org") == 1);
  CHECK(keys("x.sub.example.org") == 1);
  CHECK(keys("example.net") == 1);
  CHECK(keys("other.test") == 2);
  CHECK(several->zone_of(dns::Name::from_text("x.test")->view()) == nullptr);
}

TEST_CASE("dnssec: names that nothing can be put in front of have a neighbour all the same") {
  const auto signer = signer_of("dnssec {\nkey file /ksk\n}");
  std::string name;
  for (const char c : {'a', 'b', 'c'}) name += std::string(62, c) + ".";
  name += std::string(52, 'd') + ".example.org.";
  REQUIRE(dns::Name::from_text(name)->size() == 255);
  Case longest(name, "A", {kSoa});
  const Lines said = longest.nxdomain().sign(*signer);
  REQUIRE(said.size() == 4);
  CHECK(said[1].find(" NSEC " + std::string(61, 'a') + "b." + std::string(62, 'b')) !=
        std::string::npos);
}

}  // namespace fairlead::plugins::dnssec
