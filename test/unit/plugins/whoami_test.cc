#include "plugins/whoami/whoami.h"

#include <doctest/doctest.h>

#include "test/unit/plugins/question.h"

namespace fairlead::plugins::whoami {
TEST_CASE("whoami: the client's address and port in the additional section") {
  struct Row {
    const char* address;
    dns::Transport transport;
    dns::RrType type;
    const char* owner;
  };
  for (const Row& row :
       {Row{"10.0.0.1", dns::Transport::Udp, dns::RrType::A, "_udp.Foo.example."},
        Row{"2001:db8::1", dns::Transport::Tcp, dns::RrType::Aaaa, "_tcp.Foo.example."}}) {
    test::Question q("Foo.example.", dns::RrType::Txt);
    q.query.transport = row.transport;
    dns::Answer out;
    plugins::whoami::answer(q.query, *dns::IpAddress::from_text(row.address), 0x1234, out);

    CHECK(out.rcode == dns::Rcode::NoError);
    CHECK(out.authoritative);
    CHECK(out.count(dns::Section::Answer) == 0);
    REQUIRE(out.count(dns::Section::Additional) == 2);
    const dns::Record& address = out.records()[0];
    CHECK(address.type == row.type);
    CHECK(address.ttl == 0);
    CHECK(dns::IpAddress(out.rdata(address)).to_text() == row.address);
    const dns::Record& srv = out.records()[1];
    CHECK(srv.type == dns::RrType::Srv);
    CHECK(dns::to_text(out.name(srv.owner, q.query.qname)) == row.owner);
    const auto rdata = out.rdata(srv);
    CHECK(std::vector<uint8_t>(rdata.begin(), rdata.end()) ==
          std::vector<uint8_t>{0, 0, 0, 0, 0x12, 0x34, 0});
  }
}

TEST_CASE("whoami: at the root") {
  test::Question q(".", dns::RrType::Any);
  dns::Answer out;
  plugins::whoami::answer(q.query, {}, 1, out);
  CHECK(dns::to_text(out.name(out.records()[1].owner, q.query.qname)) == "_udp.");
}

}  // namespace fairlead::plugins::whoami
