#include "forward/resolve_name.h"

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <stdexcept>

#include "test/unit/forward/scripted_upstream.h"

namespace fairlead::forward {
namespace {

/// What getaddrinfo() was called with.
struct SystemCall {
  std::string host;
  bool searches = false;
};
std::vector<SystemCall>& system_calls() {
  static std::vector<SystemCall> calls;
  return calls;
}

using Replies = std::vector<Octets>;

net::Endpoint at(const ScriptedUpstream& upstream) {
  return {.address = upstream.settings().address, .port = upstream.settings().port};
}

bool asks_for(const AskedQuery& query, dns::RrType type) {
  return query.octets[query.question_end() - 3] == static_cast<uint8_t>(type);
}

std::string error_of(const std::string& host, std::span<const net::Endpoint> resolvers) {
  try {
    resolve_name(host, resolvers, std::chrono::milliseconds(20));
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "none";
}

/// A for A, no data for AAAA.
Replies one_address(const AskedQuery& query) {
  Octets reply = Says{.tag = 9}.to(query);
  if (asks_for(query, dns::RrType::A)) return {reply};
  reply[7] = 0;
  reply.erase(reply.begin() + static_cast<long>(query.question_end()),
              reply.begin() + static_cast<long>(query.question_end()) + 16);
  return {reply};
}

TEST_CASE("resolve name: asks the resolvers, passing over junk and silent ones") {
  ScriptedUpstream dead([](const AskedQuery&) { return Replies{}; });
  ScriptedUpstream alive([](const AskedQuery& query) {
    Octets wrong = one_address(query)[0];
    wrong[1] ^= 1;
    return Replies{wrong, Octets{1}, one_address(query)[0]};
  });
  const std::vector resolvers = {at(dead), at(alive)};
  const auto found = resolve_name("dns.example", resolvers, std::chrono::milliseconds(20));
  REQUIRE(found.size() == 1);
  CHECK(found[0].to_text() == "192.0.2.9");
}

TEST_CASE("resolve name: the second query goes without OPT") {
  ScriptedUpstream drops(
      [](const AskedQuery& query) { return query.has_edns() ? Replies{} : one_address(query); });
  const std::vector resolvers = {at(drops)};
  CHECK(resolve_name("dns.example", resolvers, std::chrono::milliseconds(100)).size() == 1);
}

TEST_CASE("resolve name: the system is asked without a search list") {
  CHECK(resolve_name("localhost", {}).size() >= 1);  // from /etc/hosts
  REQUIRE(system_calls().size() == 1);
  CHECK(system_calls()[0].host == "localhost");
  CHECK_FALSE(system_calls()[0].searches);
  CHECK((_res.options & RES_DNSRCH) != 0);  // it is the process's again
}

TEST_CASE("resolve name: says what is wrong") {
  ScriptedUpstream dead([](const AskedQuery&) { return Replies{}; });
  ScriptedUpstream unknown([](const AskedQuery& query) {
    return Replies{Says{.rcode = dns::Rcode::NxDomain}.to(query)};
  });
  const std::vector silent = {at(dead)};
  const std::vector knowing = {at(unknown)};
  const std::string start = "cannot resolve upstream host name \"";
  CHECK(error_of("dns.example", silent) == start + "dns.example\": 127.0.0.1: i/o timeout");
  CHECK(error_of("dns.example", knowing) ==
        start + "dns.example\": 127.0.0.1 says NXDOMAIN, no address");
  CHECK(error_of("a..b", knowing) == start + "a..b\": not a host name");
  CHECK(dead.queries() == 2);
}

TEST_CASE("resolve name: without resolvers the system is asked") {
  const auto found = resolve_name("127.0.0.1", {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].is_loopback());
  CHECK(error_of("not a name", {}).starts_with("cannot resolve upstream host name"));
}

}  // namespace
}  // namespace fairlead::forward

// In place of the C library's, which it calls.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** out) {
  const bool searches = (_res.options & (RES_DEFNAMES | RES_DNSRCH)) != 0;
  fairlead::forward::system_calls().push_back({node, searches});
  using Real = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  const auto real = reinterpret_cast<Real>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, out);
}
