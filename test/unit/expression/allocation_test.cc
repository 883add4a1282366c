// What view asks of each question allocates nothing.
#include <doctest/doctest.h>

#include "test/unit/count_allocations.h"
#include "test/unit/expression/support.h"

using namespace fairlead;

TEST_CASE("expression: the common forms do not allocate") {
  const test::Asked asked("a-rather-long-name.in-some-namespace.svc.cluster.local");
  const expression::Request request(asked.query, asked.peers);
  for (const char* const text : {
           "incidr(client_ip(), '10.0.0.0/8')",
           "incidr(client_ip(), '192.0.2.0/24') || client_ip() in ['10.1.2.3', '::1']",
           "type() in ['A', 'AAAA'] and name() endsWith '.svc.cluster.local.'",
           "not (name() contains 'www') and server_port() == '53' and bufsize() < 1232",
           "(client_ip() | split('.') | first()) == '10'",
       }) {
    CAPTURE(text);
    const auto program = expression::compile(text, expression::request_environment());
    const size_t before = allocations;
    const bool holds = program.holds(request);
    const size_t after = allocations;
    CHECK(holds);
    CHECK(after == before);
  }
}
