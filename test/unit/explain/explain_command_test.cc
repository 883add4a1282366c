#include "explain/explain_command.h"

#include <doctest/doctest.h>

using namespace fairlead;
using namespace fairlead;

namespace {

explain::ExplainFlags flags_of(const std::vector<std::string>& arguments) {
  const auto result = explain::parse_explain_flags(arguments);
  REQUIRE(std::holds_alternative<explain::ExplainFlags>(result));
  return std::get<explain::ExplainFlags>(result);
}

std::string name_of(const explain::ExplainFlags& flags) {
  return dns::to_text(flags.question.name.view());
}

explain::ServerReply reply_of(const std::string& address) {
  explain::ServerReply reply;
  reply.took = std::chrono::microseconds(1234);
  reply.answer.authoritative = true;
  reply.answer.add_address(dns::Section::Answer, dns::kQname, 7,
                           *dns::IpAddress::from_text(address));
  return reply;
}

const net::Endpoint kServer{*dns::IpAddress::from_text("10.96.0.10"), 53};
const explain::ExplainQuestion kQuestion{"a.b", *dns::Name::from_text("a.b."), dns::RrType::A};

}  // namespace

TEST_CASE("explain command: name, type and flags in any order") {
  const explain::ExplainFlags plain = flags_of({"web.shop"});
  CHECK(name_of(plain) == "web.shop.");
  CHECK(plain.question.text == "web.shop");
  CHECK(plain.question.type == dns::RrType::A);
  CHECK(plain.conf.empty());
  CHECK(plain.port == 53);
  CHECK_FALSE(plain.server);
  CHECK(plain.timeout == std::chrono::seconds(10));

  const explain::ExplainFlags all =
      flags_of({"-conf", "f", "web", "--server=[fd00::1]:5353", "aaaa", "-p", "1053",
                "-kubeconfig=k", "-timeout", "3", "-manifests", "m"});
  CHECK(name_of(all) == "web.");
  CHECK(all.question.type == dns::RrType::Aaaa);
  CHECK(all.conf == "f");
  CHECK(all.port == 1053);
  CHECK(all.server == net::Endpoint{*dns::IpAddress::from_text("fd00::1"), 5353});
  CHECK(all.kubeconfig == "k");
  CHECK(all.manifests == "m");
  CHECK(all.timeout == std::chrono::seconds(3));
  CHECK(flags_of({"-help"}).help);
}

TEST_CASE("explain command: an address is asked for its name") {
  const explain::ExplainFlags v4 = flags_of({"10.96.0.7"});
  CHECK(name_of(v4) == "7.0.96.10.in-addr.arpa.");
  CHECK(v4.question.type == dns::RrType::Ptr);
  const explain::ExplainFlags v6 = flags_of({"fd00::1", "SOA"});
  CHECK(name_of(v6) == "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.");
  CHECK(v6.question.type == dns::RrType::Soa);
}

TEST_CASE("explain command: who asks, and a class") {
  CHECK(flags_of({"web", "-namespace", "shop"}).space == "shop");
  CHECK(flags_of({"web", "-pod=shop/web-1"}).pod == zones::ObjectKey{"shop", "web-1"});
  const explain::ExplainFlags chaos = flags_of({"version.bind", "ch"});
  CHECK(chaos.question.record_class == dns::RrClass::Ch);
  CHECK(chaos.question.type == dns::RrType::Txt);
  CHECK(chaos.question.heading() == "version.bind. TXT CH");
  CHECK(flags_of({"a", "IN", "AAAA"}).question.type == dns::RrType::Aaaa);
  CHECK(flags_of({"ch", "A"}).question.record_class == dns::RrClass::In);
}

TEST_CASE("explain command: mistakes") {
  const std::pair<std::vector<std::string>, const char*> rows[] = {
      {{}, "explain needs a name"},
      {{"a", "A", "b"}, "explain takes a name and a type, and not \"b\""},
      {{"a..b"}, "\"a..b\" is no domain name"},
      {{"a", "NONSENSE"}, "\"NONSENSE\" is no record type"},
      {{"a", "-foo", "1"}, "flag provided but not defined: -foo"},
      {{"a", "-conf"}, "flag needs an argument: -conf"},
      {{"a", "-server", "x"}, "invalid value \"x\" for flag -server: not an address"},
      {{"a", "-timeout", "0"}, "invalid value \"0\" for flag -timeout: 1 to 600 seconds"},
      {{"a", "-timeout", "601"}, "invalid value \"601\" for flag -timeout: 1 to 600 seconds"},
      {{"a", "-namespace", "Shop"}, "invalid value \"Shop\" for flag -namespace"},
      {{"a", "-pod", "web"}, "invalid value \"web\" for flag -pod: expected NAMESPACE/NAME"},
      {{"a", "-pod", "/web"}, "invalid value \"/web\" for flag -pod: expected NAMESPACE/NAME"},
      {{"a", "-pod", "s/../x"}, "invalid value \"s/../x\" for flag -pod: expected NAMESPACE/NAME"},
      {{"a", "-pod", "s/w", "-namespace", "s"}, "-namespace and -pod cannot both be given"},
      {{"a", "-p", "70000"}, "invalid value \"70000\" for flag -p"},
  };
  for (const auto& [arguments, message] : rows) {
    CAPTURE(message);
    const auto result = explain::parse_explain_flags(arguments);
    REQUIRE(std::holds_alternative<net::UsageError>(result));
    CHECK(std::get<net::UsageError>(result).message == message);
    CHECK(std::get<net::UsageError>(result).exit_code == 2);
  }
}

TEST_CASE("explain command: what a server says beside what is here") {
  const std::string head =
      "  server      10.96.0.10:53 says NOERROR, authoritative (UDP, 1.2 ms)\n"
      "              a.b. 7 IN A 10.0.0.1\n";
  const explain::Explanation same{.records = {"A.b. 30 IN A 10.0.0.1"}};
  CHECK(explain::compare_text(kServer, reply_of("10.0.0.1"), kQuestion, &same) ==
        head + "  same        the server says what this Corefile and cluster say\n");

  const explain::Explanation other{.records = {"a.b. 30 IN A 10.0.0.2"}};
  CHECK(explain::compare_text(kServer, reply_of("10.0.0.1"), kQuestion, &other) ==
        head +
            "  differs     only here: a.b. 30 IN A 10.0.0.2\n"
            "  differs     only there: a.b. 7 IN A 10.0.0.1\n");

  const explain::Explanation missing{.rcode = dns::Rcode::NxDomain};
  CHECK(explain::compare_text(kServer, reply_of("10.0.0.1"), kQuestion, &missing) ==
        head +
            "  differs     here it is NXDOMAIN, there NOERROR\n"
            "  differs     only there: a.b. 7 IN A 10.0.0.1\n");

  const explain::Explanation upstream{.upstream = true};
  CHECK(explain::compare_text(kServer, reply_of("10.0.0.1"), kQuestion, &upstream) == head);
  CHECK(explain::compare_text(kServer, reply_of("10.0.0.1"), kQuestion, nullptr) ==
        "a.b. A\n" + head);
}

TEST_CASE("explain command: flags and the extended error of a reply") {
  explain::ServerReply reply;
  reply.transport = dns::Transport::Tcp;
  reply.extended_error = "23 (upstream is away)";
  CHECK(explain::compare_text(kServer, reply, kQuestion, nullptr) ==
        "a.b. A\n"
        "  server      10.96.0.10:53 says NODATA (NOERROR), not authoritative (TCP, 0.0 ms)\n"
        "              extended error 23 (upstream is away)\n");
}
