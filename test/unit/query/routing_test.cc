#include "query/routing.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "query/live_board.h"

namespace fairlead::query {
namespace {

class For final : public When {
 public:
  explicit For(uint8_t first_octet) : first_octet_(first_octet) {}
  [[nodiscard]] bool holds(const Asked& asked) const override {
    return asked.peers.client.address.octets()[0] == first_octet_;
  }

 private:
  const uint8_t first_octet_;
};

/// A server of two listeners, whose blocks are told by what was given to add().
struct Fixture {
  void add(const std::string& zone, std::string name, std::shared_ptr<const When> when = nullptr,
           uint32_t listener = 1) {
    const auto block = std::make_shared<Block>();
    block->unanswered = std::move(name);
    block->when = std::move(when);
    block->other_classes = block->unanswered == "any class";
    routing.add(listener, {*dns::Name::from_text(zone), block, {}});
  }

  struct Asked {
    const char* client = "10.0.0.1";
    dns::RrType type = dns::RrType::A;
    dns::RrClass rr_class = dns::RrClass::In;
    uint32_t listener = 1;
  };

  /// The name of the block that answers; "-" for none.
  [[nodiscard]] std::string block_of(const std::string& name, const Asked& asked) const {
    const dns::Name qname = *dns::Name::from_text(name);
    dns::Query query;
    query.set_name(qname.view());
    query.qtype = asked.type;
    query.qclass = asked.rr_class;
    net::Peers peers;
    peers.client.address = *dns::IpAddress::from_text(asked.client);
    const ServedZone* const found = routing.find(asked.listener, {query, peers, Live()});
    return found == nullptr ? "-" : found->block->unanswered;
  }
  [[nodiscard]] std::string block_of(const std::string& name) const { return block_of(name, {}); }

  Routing routing;
};

TEST_CASE("routing: the longest zone, at whole labels, whatever the letter case") {
  Fixture f;
  f.add("example.org", "short");
  f.add("a.b.example.org", "long");
  f.add("org", "top");
  CHECK(f.block_of("example.org") == "short");
  CHECK(f.block_of("b.example.org") == "short");
  CHECK(f.block_of("a.b.example.org") == "long");
  CHECK(f.block_of("X.A.b.EXAMPLE.org") == "long");
  CHECK(f.block_of("xa.b.example.org") == "short");
  CHECK(f.block_of("notexample.org") == "top");
  CHECK(f.block_of("example.com") == "-");
  CHECK(f.block_of(".") == "-");
  f.add(".", "root");
  CHECK(f.block_of("example.com") == "root");
  CHECK(f.block_of(".") == "root");
  CHECK(f.block_of("a.b.example.org") == "long");
}

TEST_CASE("routing: each listener has its own zones") {
  Fixture f;
  f.add("example.org", "one");
  f.add("example.org", "two", nullptr, 2);
  f.add(".", "root of two", nullptr, 2);
  CHECK(f.block_of("example.org", {.listener = 1}) == "one");
  CHECK(f.block_of("example.org", {.listener = 2}) == "two");
  CHECK(f.block_of("example.com", {.listener = 1}) == "-");
  CHECK(f.block_of("example.com", {.listener = 2}) == "root of two");
  CHECK(f.block_of("example.org", {.listener = 3}) == "-");
}

TEST_CASE("routing: conditions, in the order of the blocks, before a shorter zone") {
  Fixture f;
  f.add(".", "root");
  f.add("example.org", "ten", std::make_shared<For>(10));
  f.add("example.org", "eleven", std::make_shared<For>(11));
  f.add("example.org", "ten again", std::make_shared<For>(10));
  CHECK(f.block_of("example.org", {.client = "10.0.0.1"}) == "ten");
  CHECK(f.block_of("example.org", {.client = "11.0.0.1"}) == "eleven");
  CHECK(f.block_of("example.org", {.client = "12.0.0.1"}) == "root");
  f.add("example.org", "all others");
  CHECK(f.block_of("example.org", {.client = "12.0.0.1"}) == "all others");
  CHECK(f.block_of("example.org", {.client = "10.0.0.1"}) == "ten");
}

TEST_CASE("routing: other classes only where some block of the listener takes them") {
  Fixture f;
  f.add("example.org", "only IN");
  const Fixture::Asked chaos{.rr_class = dns::RrClass::Ch};
  CHECK(f.block_of("example.org", chaos) == "-");
  f.add("bind", "any class");
  CHECK(f.block_of("bind", chaos) == "any class");
  CHECK(f.block_of("example.org", chaos) == "only IN");
  f.add("example.org", "only IN", nullptr, 2);
  CHECK(f.block_of("example.org", {.rr_class = dns::RrClass::Ch, .listener = 2}) == "-");
}

TEST_CASE("routing: DS is the parent's, the root's only if nobody else has it") {
  Fixture f;
  const Fixture::Asked ds{.type = dns::RrType::Ds};
  f.add("a.example.org", "child");
  f.add(".", "root");
  CHECK(f.block_of("a.example.org", ds) == "child");
  CHECK(f.block_of("example.com", ds) == "root");
  f.add("example.org", "parent");
  CHECK(f.block_of("a.example.org", ds) == "parent");
  CHECK(f.block_of("example.org", ds) == "parent");
}

TEST_CASE("routing: DS and conditions: the first block of the parent's whose condition holds") {
  Fixture f;
  f.add("a.example.org", "child");
  f.add("example.org", "ten", std::make_shared<For>(10));
  f.add("example.org", "others");
  CHECK(f.block_of("a.example.org", {.client = "10.0.0.1", .type = dns::RrType::Ds}) == "ten");
  CHECK(f.block_of("a.example.org", {.client = "11.0.0.1", .type = dns::RrType::Ds}) == "others");
}

TEST_CASE("routing: who is told of questions that nobody has") {
  struct Nobody final : Unmatched {
    void refused(const dns::Query&, const net::Peers&, const Reply&) override {}
  };
  Routing routing;
  const auto nobody = std::make_shared<Nobody>();
  CHECK(routing.unmatched(1) == nullptr);
  routing.tell_unmatched(1, nobody);
  CHECK(routing.unmatched(1) == nobody.get());
  CHECK(routing.unmatched(2) == nullptr);
}

}  // namespace
}  // namespace fairlead::query
