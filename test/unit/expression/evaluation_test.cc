#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "expression/program.h"
#include "test/unit/expression/support.h"

using namespace fairlead;
using expression::Scratch;

namespace {

bool holds(const std::string& text, const test::Asked& asked = test::Asked()) {
  const auto program = expression::compile(text, expression::request_environment());
  return program.holds(expression::Request(asked.query, asked.peers));
}

// Why an evaluation fails; empty when it does not.
std::string failure(const std::string& text) {
  const test::Asked asked;
  Scratch scratch;
  const auto program = expression::compile(text, expression::request_environment());
  const auto outcome = program.run(expression::Request(asked.query, asked.peers), scratch);
  return outcome.error != nullptr ? outcome.error : "";
}

}  // namespace

TEST_CASE("expression: what is true") {
  const char* const kTrue[] = {
      "true",
      "name() == 'web.example.org.'",
      "name() matches '^web\\\\.' and not (name() contains 'x.y')",
      "name() startsWith 'web' && name() endsWith '.org.'",
      "name() not in ['a.', 'b.'] or false",
      "name() not matches 'w{2}'",
      "type() in ['A', 'AAAA']",
      "not (type() == 'TXT')",
      "!!true",
      "class() == 'IN' and proto() == 'udp'",
      "client_ip() == '10.1.2.3'",
      "'10.1.2.3' == client_ip()",
      "client_ip() != '10.1.2.4'",
      "client_ip() in ['::1', '10.1.2.3']",
      "client_ip() not in ['::1', '10.1.2.4']",
      "incidr(client_ip(), '10.0.0.0/8')",
      "incidr(client_ip(), '::ffff:10.0.0.0/104')",
      "client_ip() | incidr('10.0.0.0/8') && true",
      "not incidr(client_ip(), '::/0')",
      "incidr('10.0.0.1', '10.0.0.0/' + '8')",
      "port() == '40000' and server_port() == '53' and server_ip() == '10.240.0.53'",
      "int(port()) > 1024 and size() == 33 and id() == 4711 and opcode() == 0",
      "bufsize() == 512 and do() == false",
      "metadata('a/b') == ''",
      "client_ip() | split('.') | first() == '10'",
      "(client_ip() | split('.') | last()) in ['3']",
      "any(['a', 'b'], # == 'b') and all([1, 2], # > 0) and none([], true)",
      "any(['10.0.0.0/8', '::/0'], incidr(client_ip(), #))",
      "one([1, 2], # == 1) and count([1, 2, 3], # > 1) == 2 and count([true, false]) == 1",
      "filter(split(name(), '.'), len(#) == 3) == ['web', 'org']",
      "any(['a', 'b'], any(['b'], # == 'b') and # == 'b')",
      "1 + 2 * 3 == 7 and (1 + 2) * 3 == 9 and 2 ** 3 ** 2 == 512 and -2 ** 2 == -4",
      "7 % 4 == 3 and -7 % 4 == -3 and 5 / 2 == 2.5 and 0x1f == 31 and 1_000 == 1e3",
      "1 == 1.0 and 2.5 in [1, 2.5] and 1 < 1.5 and 'a' < 'b'",
      "[1, 2][-1] == 2 and [[1]] == [[1]] and nil == nil and [] == []",
      "true ? do() == false : false",
      "false ?: true",
      "(nil ?? 'a') == 'a'",
      "lower('ABC') == 'abc' and upper('é') == 'é' and trim(' a ') == 'a' and trim('xax', 'x') == "
      "'a'",
      "trimPrefix('ab', 'a') == 'b' and trimSuffix('ab', 'b') == 'a'",
      "replace('a.b.c', '.', '-') == 'a-b-c' and replace('aaa', 'a', 'b', 2) == 'bba'",
      "join(['a', 'b'], '.') == 'a.b' and join([]) == ''",
      "split('a.b.c', '.', 2) == ['a', 'b.c'] and split('ab', '') == ['a', 'b']",
      "split('', '.') == [''] and split('', '') == []",
      "indexOf('abc', 'c') == 2 and lastIndexOf('aba', 'a') == 2 and indexOf('a', 'b') == -1",
      "hasPrefix('ab', 'a') and hasSuffix('ab', 'b') and len('é') == 1 and len([1]) == 1",
      "string(5) == '5' and float('1.5') == 1.5 and int(2.9) == 2 and abs(-1) == 1",
      "first([]) == nil",
      "\"a\" == 'a' and `a` == 'a' and '\\u0041\\x41\\101\\'' == \"AAA'\"",
      "/* not */ true // true",
      "'a' + 'b' == 'ab' and -9223372036854775807 - 2 > 0",
  };
  for (const std::string text : kTrue) {
    CAPTURE(text);
    CHECK(holds(text));
  }
}

TEST_CASE("expression: what is not true, without being an error of the text") {
  const char* const kFalse[] = {
      "false",
      "1",
      "'true'",
      "nil",
      "[true]",
      "incidr(name(), '10.0.0.0/8')",
      "true and 10 % (size() - 33) == 1",
      "[1][5] == 1",
      "[1][-2] == 1",
      "int(name()) == 1",
      "[1, 'a'][1] < 2",
      "[1, true][0] and true",
      "first([1]) contains 'a'",
      "join([true]) == ''",
      "string([1]) == ''",
      "client_ip() == '10.0.0.0/8'",
      "client_ip() in ['10.0.0.0/8']",
      "incidr(client_ip(), '10.0.0.1')",
      "any([1, 2], [1, true][0])",
      "lower(first([1])) == ''",
      "not [1, 2, 'a'][2]",
  };
  for (const std::string text : kFalse) {
    CAPTURE(text);
    CHECK_FALSE(holds(text));
  }
}

TEST_CASE("expression: and and or end early") {
  CHECK(holds("true or [1][5] == 1"));
  CHECK_FALSE(holds("false and [1][5] == 1"));
  CHECK(failure("false and [1][5] == 1").empty());
  CHECK(failure("[1][5] == 1") == "index out of range");
  CHECK(failure("10 % (size() - 33) == 1") == "integer divide by zero");
}

TEST_CASE("expression: the request's transport and EDNS") {
  test::Asked asked;
  asked.query.has_edns = true;
  asked.query.edns.udp_size = 100;
  asked.query.edns.dnssec_ok = true;
  asked.peers.client.address = *dns::IpAddress::from_text("2001:db8::1");
  CHECK(holds("do() and bufsize() == 512", asked));
  CHECK(holds("client_ip() == '2001:DB8:0::1'", asked));  // addresses, not texts
  CHECK(holds("client_ip() | indexOf('[') == -1", asked));
  asked.query.edns.udp_size = 1232;
  CHECK(holds("bufsize() == 1232", asked));
  asked.query.transport = dns::Transport::Tcp;
  CHECK(holds("bufsize() == 65535 and proto() == 'tcp'", asked));
}

TEST_CASE("expression: networks that || joins are searched together") {
  std::string text = "type() == 'TXT'";
  for (int i = 0; i < 3000; ++i) {
    text += " || incidr(client_ip(), '10." + std::to_string(i / 200 + 2) + "." +
            std::to_string(i % 200) + ".0/24')";
  }
  test::Asked asked;
  CHECK_FALSE(holds(text, asked));
  asked.peers.client.address = *dns::IpAddress::from_text("10.16.199.7");
  CHECK(holds(text, asked));
  CHECK(holds("client_ip() == '10.16.199.7' || incidr(server_ip(), '10.16.0.0/16')", asked));
  CHECK_FALSE(holds("client_ip() == '10.1.1.1' || incidr(server_ip(), '10.16.0.0/16')", asked));
}

TEST_CASE("expression: an evaluation is bounded") {
  const std::string parts = "split('" + std::string(2000, '.') + "', '.')";
  CHECK(failure("any(" + parts + ", any(" + parts + ", # == 'a'))") != "");
  std::string doubled = "name()";
  for (int i = 0; i < 40; ++i) doubled = "replace(" + doubled + ", 'w', 'wwwwwwwwwwwwwww')";
  CHECK(failure(doubled + " == ''") == "memory budget exceeded");
}

TEST_CASE("expression: warnings of what can never be true") {
  const auto warnings = [](const char* text) {
    const auto program = expression::compile(text, expression::request_environment());
    return std::vector<std::string>(program.warnings().begin(), program.warnings().end());
  };
  using Lines = std::vector<std::string>;
  CHECK(warnings("incidr(client_ip(), '10.0.0.0/8')").empty());
  CHECK(warnings("incidr(client_ip(), '10.0.0.1')") ==
        Lines{"\"10.0.0.1\" is no network in incidr(): it is never true"});
  CHECK(warnings("client_ip() in ['::1', '10.0.0.0/8']") ==
        Lines{"\"10.0.0.0/8\" is no address: client_ip() never equals it"});
}

TEST_CASE("expression: a caller's own functions and variables") {
  struct Own : expression::Request {
    using Request::Request;
    std::string_view label(std::string_view name, Scratch& scratch) const override {
      return scratch.keep("<" + std::string(name) + ">");
    }
    std::vector<std::string> groups{"zero", "one"};
  };
  using expression::Call;
  auto environment = expression::request_environment();
  environment.add(expression::Function{
      .name = "group",
      .parameters = {expression::Type{}},
      .result = expression::kText,
      .body = [](Call& call) -> const char* {
        const auto* const number = std::get_if<int64_t>(&call.arguments[0].is);
        if (number == nullptr) return "no such group";
        call.result.is =
            std::string_view(static_cast<const Own&>(call.subject).groups.at(size_t(*number)));
        return nullptr;
      }});
  environment.add(expression::Variable{
      .name = "color", .type = expression::kText, .body = [](Call& call) -> const char* {
        call.result.is = std::string_view("red");
        return nullptr;
      }});
  const test::Asked asked;
  const Own own(asked.query, asked.peers);
  const auto is = [&](const char* text) {
    return expression::compile(text, environment).holds(own);
  };
  CHECK(is("group(1) == 'one' and color == 'red'"));
  CHECK(is("metadata('view/name') == '<view/name>'"));
  CHECK_FALSE(is("group('a') == ''"));
  CHECK(test::error_of("color + 1", environment) ==
        "invalid operation: + (mismatched types string and int) (1:7)\n | color + 1\n | ......^");
  CHECK(test::error_of("color == 'red'") == "unknown name color (1:1)\n | color == 'red'\n | ^");
}

TEST_CASE("expression: the names that are the language's") {
  for (const char* const name : {"len", "map", "toJSON", "true", "nil", "not", "let", "matches"}) {
    CAPTURE(name);
    CHECK(expression::is_reserved(name));
  }
  CHECK_FALSE(expression::is_reserved("color"));
  CHECK_FALSE(expression::is_reserved("name"));  // the environment's
}

TEST_CASE("expression: a division by zero is infinite") {
  CHECK(holds("1 / 0 > 9e99 and -1 / 0 < -9e99 and not (0 / 0 == 0)"));
}
