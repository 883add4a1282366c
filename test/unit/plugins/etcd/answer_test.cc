// What no scenario reaches: bounds.
#include "plugins/etcd/answer.h"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "plugins/etcd/key_store.h"
#include "plugins/etcd/records.h"

namespace fairlead::plugins::etcd {
namespace {

struct NoLeases final : Leases {
  std::shared_ptr<const Lease> lease(int64_t id) override { return std::make_shared<Lease>(id); }
};

struct Fixture {
  NoLeases leases;
  KeyStore store{leases};
  dns::Answer answer;
  Settings settings;

  void put(const std::string& key, const std::string& value) {
    CHECK(store.put({.key = key, .value = value}) == nullptr);
  }
  Response ask(const char* text, dns::RrType type) {
    const dns::Name zone = *dns::Name::from_text("dom");
    const dns::Name name = *dns::Name::from_text(text);
    dns::Query query;
    query.set_name(name.view());
    query.qtype = type;
    answer.clear();
    const auto tree = store.freeze();
    Lookup lookup(*tree, settings, 1);
    return respond({query, zone, {}, 1}, lookup, answer);
  }
};

TEST_CASE("etcd: aliases that fan out at each level end with what a message takes") {
  Fixture fixture;
  for (int level = 0; level < 10; ++level) {
    const std::string next = "l" + std::to_string(level + 1) + ".dom";
    for (int i = 0; i < 20; ++i)
      fixture.put("/skydns/dom/l" + std::to_string(level) + "/" + std::to_string(i),
                  R"({"host":")" + next + "\"}");
  }
  fixture.put("/skydns/dom/l10", R"({"host":"10.0.0.1"})");
  fixture.ask("l0.dom", dns::RrType::A);
  CHECK(fixture.answer.truncated);
  CHECK(fixture.answer.records().size() <= Records::kMost);
  fixture.ask("l0.dom", dns::RrType::Aaaa);  // and so do those that lead to nothing
  CHECK(fixture.answer.truncated);
}

TEST_CASE("etcd: names elsewhere are asked for up to a bound, each once") {
  Fixture fixture;
  for (int i = 0; i < 40; ++i)
    fixture.put("/skydns/dom/many/" + std::to_string(i),
                R"({"host":"h)" + std::to_string(i) + ".example.org\"}");
  CHECK(fixture.ask("many.dom", dns::RrType::A).outside.size() == kMostOutside);
  fixture.put("/skydns/dom/same/1", R"({"host":"h.example.org"})");
  fixture.put("/skydns/dom/same/2", R"({"host":"H.example.org"})");
  CHECK(fixture.ask("same.dom", dns::RrType::A).outside.size() == 1);
  CHECK(fixture.ask("same.dom", dns::RrType::Srv).outside.size() == 2);
}

TEST_CASE("etcd: numbers that no record has") {
  Fixture fixture;
  fixture.put("/skydns/dom/a/1", R"({"host":"10.0.0.1","port":65616,"weight":-100,"priority":-1})");
  fixture.put("/skydns/dom/a/2", R"({"host":"10.0.0.2","port":80,"weight":100,"priority":-1})");
  fixture.put("/skydns/dom/a/3",
              R"({"host":"10.0.0.3","weight":-9223372036854775808,"targetstrip":99999})");
  fixture.ask("a.dom", dns::RrType::Srv);
  REQUIRE(fixture.answer.count(dns::Section::Answer) == 3);
  const auto srv = fixture.answer.rdata(fixture.answer.records()[0]);
  CHECK(srv[3] == 1);   // the weight
  CHECK(srv[5] == 80);  // 65616 modulo 2^16
}

TEST_CASE("etcd: texts of TXT are cut every 255 octets") {
  CHECK(txt_rdata("") == std::vector<uint8_t>{0});
  CHECK(txt_rdata("ab") == std::vector<uint8_t>{2, 'a', 'b'});
  CHECK(txt_rdata(std::string(254, 'x')).size() == 255);
  CHECK(txt_rdata(std::string(255, 'x')).size() == 257);
  CHECK(txt_rdata(std::string(600, 'x')).size() == 603);
}

TEST_CASE("etcd: a list replaces everything when it is complete, and not before") {
  Fixture fixture;
  fixture.put("/skydns/dom/a", "{}");
  fixture.store.begin_list();
  fixture.put("/skydns/dom/b", "{}");
  CHECK(fixture.store.freeze()->at("/skydns/dom/a").size() == 1);
  fixture.store.begin_list();
  fixture.put("/skydns/dom/c", "{}");
  fixture.store.end_list();
  CHECK(fixture.store.size() == 1);
  CHECK(fixture.store.freeze()->at("/skydns/dom/c").size() == 1);
  fixture.store.erase("/skydns/dom/c");
  fixture.store.erase("/skydns/dom/none");
  CHECK(fixture.store.size() == 0);
}

TEST_CASE("etcd: a value of the wrong shape says what is wrong") {
  const auto reason = [](const std::string& value) {
    const auto read = read_service("/k", value);
    const auto* const wrong = std::get_if<Unusable>(&read);
    return wrong == nullptr ? "" : wrong->reason;
  };
  CHECK(reason(R"({"Host":"a","TTL":4294967295,"x":[]})") == "");
  CHECK(reason(R"({"ttl":4294967296})") == "json");
  CHECK(reason(R"({"ttl":-1})") == "json");
  CHECK(reason(R"({"port":80.5})") == "json");
  CHECK(reason(R"({"mail":"yes"})") == "json");
  CHECK(reason("") == "json");
  CHECK(reason("3") == "json");
  CHECK(reason(R"({"host":"a..b"})") == "host");
  CHECK(reason(std::string(kMaxEntry, ' ')) == "size");
}

}  // namespace
}  // namespace fairlead::plugins::etcd
