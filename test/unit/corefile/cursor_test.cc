#include "corefile/cursor.h"

#include <doctest/doctest.h>

#include "corefile/arguments.h"
#include "test/unit/corefile/support.h"

using namespace fairlead::corefile;
using namespace fairlead::corefile::testing;

namespace {

// Walks the uses of `log` as a directive parser does.
std::string walk(const std::string& body) {
  const Config config = parse_text(". {\n" + body + "\n}");
  Cursor cursor(*config.blocks.at(0).find("log"));
  std::string out;
  while (cursor.next()) {
    out += cursor.value() + "(";
    for (const std::string& arg : cursor.remaining_args()) out += arg + ",";
    while (cursor.next_block()) {
      out += "[" + cursor.value();
      for (const std::string& arg : cursor.remaining_args()) out += " " + arg;
      out += "]";
    }
    out += ")";
  }
  return out;
}

Cursor at_first(const Directive& directive) {
  Cursor cursor(directive);
  cursor.next();
  return cursor;
}

Directive log_of(const std::string& line) {
  return *parse_text(". {\n" + line + "\n}").blocks.at(0).find("log");
}

}  // namespace

TEST_CASE("cursor: lines, arguments and blocks") {
  CHECK(walk("log") == "log()");
  CHECK(walk("log a b") == "log(a,b,)");
  CHECK(walk("log a\nlog b") == "log(a,)log(b,)");
  CHECK(walk("log a {\nx 1 2\ny\n}") == "log(a,[x 1 2][y])");
  CHECK(walk("log {\n}") == "log()");
  CHECK(walk("log {\nx\n}\nlog {\ny z\n}") == "log([x])log([y z])");
  CHECK(walk("log { x 1\n}") == "log([x 1])");
  CHECK(walk("log a { x 1 }\nlog b") == "log(a,[x 1])log(b,)");
  CHECK(walk("log {\nx 1 }\nlog") == "log([x 1])log()");
  CHECK(walk("log { }\nlog { x }") == "log()log([x])");
  CHECK(walk("log { x \"}\" }") == "log([x }])");
  CHECK(walk("log \"{\" a") == "log({,a,)");
}

TEST_CASE("cursor: on a list that no parser made") {
  const Directive broken{
      "x", {{"x", "f", 1, true, false}, {"{", "f", 1, false, false}, {"a", "f", 2, true, false}}};
  Cursor cursor(broken);
  CHECK(cursor.next());
  CHECK(cursor.next_block());
  CHECK(cursor.value() == "a");
  CHECK_FALSE(cursor.next_block());
  CHECK_FALSE(cursor.next());
  const Directive nothing{"x", {}};
  Cursor empty(nothing);
  CHECK_FALSE(empty.next());
  CHECK_FALSE(empty.next_arg());
  CHECK_FALSE(empty.next_block());
  CHECK(empty.value().empty());
}

TEST_CASE("cursor: errors name the plugin and the place") {
  const Directive log = log_of("log a {\nx\n}");
  Cursor cursor = at_first(log);
  CHECK(std::string(cursor.error("no").what()) ==
        "plugin/log: Corefile:2 - Error during parsing: no");
  cursor.remaining_args();
  CHECK(std::string(cursor.arg_error().what()) ==
        "plugin/log: Corefile:2 - Error during parsing: Wrong argument count or unexpected line "
        "ending after 'a'");
  CHECK(std::string(cursor.missing_arg().what()) ==
        "plugin/log: Corefile:2 - Error during parsing: Unexpected token '{', expecting argument");
  cursor.next_block();
  CHECK(std::string(cursor.unknown_property().what()) ==
        "plugin/log: Corefile:3 - Error during parsing: unknown property 'x'");
  CHECK(std::string(cursor.syntax_error("y").what()) ==
        "plugin/log: Corefile:3 - Syntax error: Unexpected token 'x', expecting 'y'");
  cursor.require_once();
  CHECK(error_of([&] { cursor.require_once(); }) ==
        "plugin/log: Corefile:3 - Error during parsing: this plugin can only be used once per "
        "Server Block");
}

TEST_CASE("cursor: one argument, no argument") {
  const Directive log = log_of("log a b");
  Cursor one = at_first(log);
  CHECK(error_of([&] { one.only_arg(); }).ends_with("after 'b'"));
  Cursor none = at_first(log);
  CHECK(error_of([&] { none.no_args(); }).ends_with("after 'a'"));
  const Directive bare = log_of("log");
  Cursor missing = at_first(bare);
  CHECK(error_of([&] { missing.only_arg(); }).ends_with("after 'log'"));
}

TEST_CASE("cursor: several options in one line") {
  const Directive log = log_of("log { x 1 y 2 }");
  Cursor cursor = at_first(log);
  CHECK(cursor.next_block());
  CHECK(cursor.first_arg() == "1");
  CHECK(cursor.next_block());
  CHECK(cursor.value() == "y");
  CHECK(cursor.only_arg() == "2");
  CHECK_FALSE(cursor.next_block());
  const Directive empty = log_of("log { x }");
  Cursor missing = at_first(empty);
  CHECK(missing.next_block());
  CHECK(error_of([&] { missing.first_arg(); }).ends_with("after 'x'"));
}

TEST_CASE("arguments: numbers") {
  const Directive log = log_of("log");
  const Cursor cursor = at_first(log);
  CHECK(integer_argument(cursor, "12") == 12);
  CHECK(integer_argument(cursor, "+12") == 12);
  CHECK(integer_argument(cursor, "-12") == -12);
  for (const char* text : {"", "+", "+-1", "1x", " 1", "1.5", "0x1"}) {
    CAPTURE(text);
    CHECK(error_of([&] { integer_argument(cursor, text); }) ==
          "plugin/log: Corefile:2 - Error during parsing: strconv.Atoi: parsing \"" +
              std::string(text) + "\": invalid syntax");
  }
  CHECK(error_of([&] {
          integer_argument(cursor, "99999999999999999999");
        }).ends_with("value out of range"));
}

TEST_CASE("arguments: listen addresses") {
  const Directive log = log_of("log");
  Cursor cursor = at_first(log);
  for (const char* text :
       {":8080", "127.0.0.1:80", "[::1]:80", "localhost:9153", "[::]:0", "localhost:", ":"}) {
    CAPTURE(text);
    CHECK(listen_address(cursor, text) == text);
  }
  CHECK(listen_address(cursor, ":65536", WrongPort::IsWarning) == ":65536");
  CHECK(cursor.warnings() == std::vector<std::string>{"address :65536: invalid port"});
  struct {
    const char* text;
    const char* why;
  } const bad[] = {{"localhost", "missing port in address"},
                   {"::1:80", "too many colons in address"},
                   {"[::1]", "missing port in address"},
                   {"[::1", "missing ']' in address"},
                   {"[::1]x:80", "too many colons in address"},
                   {":http", "invalid port"},
                   {":65536", "invalid port"},
                   {"", "missing port in address"}};
  for (const auto& c : bad) {
    CAPTURE(c.text);
    CHECK(error_of([&] { listen_address(cursor, c.text); }) ==
          "plugin/log: Corefile:2 - Error during parsing: address " + std::string(c.text) + ": " +
              c.why);
  }
}

TEST_CASE("arguments: zones, paths, subnets") {
  const Directive log = log_of("log");
  const Cursor cursor = at_first(log);
  CHECK(zone_arguments(cursor, {}, {"a."}) == std::vector<std::string>{"a."});
  CHECK(zone_arguments(cursor, {"B", "10.0.0.0/23"}, {"a."}) ==
        std::vector<std::string>{"b.", "0.0.10.in-addr.arpa.", "1.0.10.in-addr.arpa."});
  CHECK(error_of([&] {
          zone_arguments(cursor, {"a..b"}, {});
        }).ends_with("zone is not a valid domain name: a..b"));
  CHECK(rooted_path({{}, "/etc", nullptr}, "a") == "/etc/a");
  CHECK(rooted_path({{}, "/etc", nullptr}, "/a") == "/a");
  CHECK(rooted_path({{}, "", nullptr}, "a") == "a");
  Subnet subnet;
  CHECK(parse_subnet("10.1.2.3/12", subnet));
  CHECK(subnet == Subnet{{10, 0, 0, 0}, 12});
  CHECK(parse_subnet("::/0", subnet));
  for (const char* text :
       {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "/8", "a/8",
        "10.0.0.0/8x", "fe80::1%eth0/64", "010.0.0.0/8"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_subnet(text, subnet));
  }
}
