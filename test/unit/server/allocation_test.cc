// Neither a cluster answer nor one from the cache or a table of hosts allocates once a worker's
// buffers have grown: all of the way from packet to reply, through the blocks of a Corefile.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "dns/render.h"
#include "plugins/directive.h"
#include "test/scenarios/world.h"
#include "test/unit/count_allocations.h"

namespace fairlead::scenarios {
namespace {

constexpr const char* kCorefile = R"(
.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    nsid here
    bufsize 1232
    local
    any
    acl blocked.example {
       allow net 192.0.2.0/24
       block
    }
    template IN A made.example {
       match ^ip-(?P<a>\d+)-(?P<b>\d+)[.]made[.]example[.]$
       answer "{{ .Name }} 60 IN A 10.0.{{ .Group.a }}.{{ .Group.b }}"
       authority "{{ .Zone }} 60 IN NS ns.{{ .Zone }}"
       fallthrough
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    hosts hosts {
       10.0.9.1 here.example
       fallthrough
    }
    prometheus :9153
    forward . {one}
    cache 30
    reload
    loadbalance
}
example.org:53 {
    prometheus
    whoami
})";

constexpr const char* kCluster[] = {
    "namespace default",
    "service default/web clusterIP=10.96.0.7,fd00::7 port=http/TCP/80 port=dns/UDP/53",
    "service default/hl headless port=http/TCP/80",
    "slice default/hl-1 service=hl port=http/TCP/80 endpoint=10.0.0.1 "
    "endpoint=10.0.0.2,hostname=h2 "
    "endpoint=10.0.0.3 endpoint=10.0.0.4,hostname=h4 endpoint=10.0.0.5 endpoint=10.0.0.6",
    "slice default/hl-2 service=hl port=http/TCP/80 endpoint=10.0.1.1 endpoint=10.0.1.2 "
    "endpoint=10.0.1.3 endpoint=10.0.1.4 endpoint=10.0.1.5,hostname=h5 endpoint=fd00::1:6",
    "service default/ext externalName=web.default.svc.cluster.local",
    "service default/outside externalName=www.example",
};

struct Asked {
  const char* question;
  const char* rcode = "NOERROR";
};
constexpr Asked kQuestions[] = {
    // The cluster.
    {"web.default.svc.cluster.local. A"},
    {"WEB.default.svc.cluster.local. AAAA edns=1232"},
    {"web.default.svc.cluster.local. SRV edns=1232,do"},
    {"_http._tcp.web.default.svc.cluster.local. SRV"},
    {"web.default.svc.cluster.local. TXT"},
    {"gone.default.svc.cluster.local. A", "NXDOMAIN"},
    {"www.example.com.default.svc.cluster.local. A", "NXDOMAIN"},
    {"hl.default.svc.cluster.local. A"},
    {"hl.default.svc.cluster.local. SRV edns=1232 option=3:"},
    {"hl.default.svc.cluster.local. SRV"},  // too large
    {"h2.hl.default.svc.cluster.local. A"},
    {"10-0-0-1.hl.default.svc.cluster.local. A"},
    {"ext.default.svc.cluster.local. A"},
    {"10-1-2-3.default.pod.cluster.local. A"},
    {"7.0.96.10.in-addr.arpa. PTR"},
    {"1.0.0.10.in-addr.arpa. PTR"},
    {"cluster.local. NS"},
    {"cluster.local. SOA"},
    {"dns-version.cluster.local. TXT"},
    // The cache.
    {"www.example. A"},
    {"WWW.example. A edns=1232"},
    {"www.example. A edns=1232,do option=3:"},
    {"big.example. A"},
    {"big.example. A edns=1232"},
    {"gone.example. AAAA", "NXDOMAIN"},
    {"outside.default.svc.cluster.local. A"},
    // Hosts, whoami, and answers of few words.
    {"here.example. A"},
    {"there.example. AAAA"},
    {"there.example. TXT"},
    {"x.wild.example. A"},
    {"1.9.0.10.in-addr.arpa. PTR"},
    {"a.example.org. A"},
    {"x.blocked.example. A edns=1232", "REFUSED"},
    {"ip-1-2.made.example. A"},
    {"www.example. ANY"},
    {"a.localhost. A"},
    {"www.example. A opcode=2", "NOTIMP"},
};

struct Fixture {
  Fixture() : world(directives()) {
    std::string big = "big.example A -> A 192.0.2.1";
    for (int i = 2; i < 90; ++i) big += ", A 192.0.2." + std::to_string(i);
    world.set_script("one", Script({big, "gone.example * -> nxdomain soa 60",
                                    "* A -> A 192.0.2.1, A 192.0.2.2"}));
    world.write_file("hosts",
                     "10.0.9.2 there.example\nfd00::9 there.example\n10.0.9.3 *.wild.example\n");
    REQUIRE(world.begin(kCorefile) == std::nullopt);
    for (const char* line : kCluster) REQUIRE(world.cluster().change(line));
    for (const Asked& asked : kQuestions) {
      const Question question = parse_question(asked.question);
      packets.push_back(encode(question));
      const auto client = world.server().ask(question);  // the cache learns what it is to know
      world.clock().turn_until([&] { return client->done(); }, std::chrono::seconds(10));
    }
  }

  static std::vector<plugins::Directive> directives() {
    const auto all = plugins::directives();
    return {all.begin(), all.end()};
  }

  World world;
  std::vector<Octets> packets;
};

TEST_CASE("allocations: none, from packet to reply") {
  Fixture f;
  net::Responder& responder = f.world.server().responder();
  static uint8_t out[dns::kMaxTcpReply];
  std::vector<net::Request> requests;
  for (const Octets& packet : f.packets) requests.push_back(f.world.server().request_of(packet));
  const std::span<const net::Request> all(requests);
  for (int round = 0; round < 3; ++round) {
    for (size_t first = 0; first < all.size(); first += net::Responder::kLookahead) {
      const auto batch =
          all.subspan(first, std::min(net::Responder::kLookahead, all.size() - first));
      const size_t at_start = allocations;
      responder.look_ahead(batch);
      if (round != 0) CHECK(allocations == at_start);
      for (size_t i = 0; i < batch.size(); ++i) {
        const size_t before = allocations;
        const size_t size = responder.respond(batch[i], out);
        const size_t after = allocations;
        CAPTURE(std::string(kQuestions[first + i].question));
        CHECK(size >= 12);
        CHECK(size <= dns::kMaxUdpReply);
        if (round != 0) CHECK(after == before);
      }
    }
  }
}

TEST_CASE("allocations: the answers are those that are meant") {
  Fixture f;
  f.world.upstream("one").take_asked();
  for (const Asked& asked : kQuestions) {
    CAPTURE(std::string(asked.question));
    const Question question = parse_question(asked.question);
    const auto reply = f.world.server().ask(question)->reply();
    CHECK(reply_lines(question, reply).front().starts_with("reply " + std::string(asked.rcode)));
  }
  CHECK(f.world.upstream("one").take_asked().empty());
}

TEST_CASE("allocations: the counter counts") {
  const size_t before = allocations;
  auto* number = new int(1);
  const size_t after = allocations;
  delete number;
  CHECK(after > before);
}

}  // namespace
}  // namespace fairlead::scenarios
