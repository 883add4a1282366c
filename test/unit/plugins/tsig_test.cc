#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "plugins/tsig/key_file.h"
#include "plugins/tsig/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::tsig {
using namespace fairlead::plugins::testing;

namespace {

const auto kTsig = [](auto& cursor, const auto& context) { return tsig::parse(cursor, context); };

// "NAME=SECRET …", or what is wrong.
std::string read_keys(const std::string& text) {
  std::vector<signing::TsigKey> keys;
  std::string said = read_key_file(text, keys);
  if (!said.empty()) return said;
  for (const signing::TsigKey& key : keys)
    said += (said.empty() ? "" : " ") + dns::to_text(key.name.view()) + "=" +
            std::string(key.secret.begin(), key.secret.end());
  return said;
}

}  // namespace

TEST_CASE("tsig: files of secrets") {
  const std::string cases[][2] = {
      {"", ""},
      {"# nothing\n// at all\n/* of\nit */", ""},
      {"key \"A.b.\" {\n algorithm hmac-sha256;\n secret \"c2VjcmV0\";\n};\n", "a.b.=secret"},
      {"key a{secret c2VjcmV0;};key b { secret \"c2Vj\" ; } ;", "a.=secret b.=sec"},
      {"key a { secret \"c2Vj\"; secret \"c2VjcmV0\"; };", "a.=secret"},
      {"kye a {};", "line 1: expected key, not 'kye'"},
      {"key", "line 1: expected a name, not the end of the file"},
      {"key { secret AAAA; };", "line 1: expected a name, not '{'"},
      {"key a\n secret AAAA;", "line 2: expected {, not 'secret'"},
      {"key a {\n};", "line 2: the key has no secret"},
      {"key a { secret AAAA }", "line 1: expected ;, not '}'"},
      {"key a { secret AAAA; }", "line 1: expected ;, not the end of the file"},
      {"key a { secret AAAA;", "line 1: expected }, not the end of the file"},
      {"key a { secrets AAAA; };", "line 1: expected algorithm or secret, not 'secrets'"},
      {"key a { secret ; };", "line 1: expected a value, not ';'"},
      {"key a { secret \"AAAA; };", "line 1: a quote is not closed"},
      {"key a { secret AAAA; }; /* x", "line 1: a comment is not closed"},
      {"key a { secret \"AA*A\"; }; key b { secret c2Vj; };", "a.= b.=sec"},
      {"key a..b { secret AAAA; };", "line 1: the name of a key is none: 'a..b'"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(read_keys(text) == expected);
  }
}

TEST_CASE("tsig: options") {
  const std::map<std::string, std::string> files{{"/keys", "key k { secret AAAA; };"}};
  const Options none = with_directive("tsig", "tsig", kTsig, files);
  CHECK(none.zones.size() == 1);
  CHECK(none.keys.empty());
  CHECK(!none.all);
  CHECK(none.types.empty());
  const Options all =
      with_directive("tsig",
                     "tsig a.org b.org {\nsecret K1.Example. c2VjcmV0\nsecrets /keys\nrequire all\n"
                     "require_opcode QUERY update\n}",
                     kTsig, files);
  CHECK(all.zones.size() == 2);
  REQUIRE(all.keys.size() == 2);
  CHECK(dns::to_text(all.keys[0].name.view()) == "k1.example.");
  CHECK(all.all);
  CHECK(all.opcodes == std::set<dns::Opcode>{dns::Opcode::Query, dns::Opcode::Update});
  const Options last = with_directive(
      "tsig", "tsig {\nrequire all\nrequire AXFR type300\nrequire_opcode all\n}", kTsig, files);
  CHECK(!last.all);
  CHECK(last.types == std::set<uint16_t>{252, 300});
  CHECK(last.all_opcodes);
}

TEST_CASE("tsig: a secret that is none is no error, and opens nothing") {
  const std::map<std::string, std::string> files{{"/keys", "key f { secret \"test-key\"; };"}};
  std::vector<std::string> warnings;
  const auto parsed = [&](corefile::Cursor& cursor, const corefile::Context& context) {
    Options options = parse(cursor, context);
    warnings = cursor.warnings();
    return options;
  };
  const Options options = with_directive(
      "tsig", "tsig {\nsecret a test-key\nsecret b \"\"\nsecret c AAAA\nsecrets /keys\n}", parsed,
      files);
  REQUIRE(options.keys.size() == 1);
  CHECK(dns::to_text(options.keys[0].name.view()) == "c.");
  CHECK(warnings.size() == 3);
}

TEST_CASE("tsig: mistakes") {
  const std::map<std::string, std::string> files{{"/keys", "key k { secret AAAA; };"},
                                                 {"/wrong", "key k\n{ };"}};
  const BadLine cases[] = {
      {"tsig {\nsecret a\n}", arguments_after(3, "a")},
      {"tsig {\nsecret a AAAA BBBB\n}", arguments_after(3, "BBBB")},
      {"tsig {\nsecret a..b AAAA\n}", parsing(3, "the name of a key is none: 'a..b'")},
      {"tsig {\nsecret a AAAA\nsecret A. BBBB\n}", parsing(4, "key \"a.\" redefined")},
      {"tsig {\nsecret k AAAA\nsecrets /keys\n}", parsing(4, "key \"k.\" redefined")},
      {"tsig {\nsecrets\n}", arguments_after(3, "secrets")},
      {"tsig {\nsecrets /none\n}", parsing(3, "open /none: no such file or directory")},
      {"tsig {\nsecrets /wrong\n}", parsing(3, "/wrong: line 2: the key has no secret")},
      {"tsig {\nrequire\n}", arguments_after(3, "require")},
      {"tsig {\nrequire FOO\n}", parsing(3, "unknown query type 'FOO'")},
      {"tsig {\nrequire all A\n}", arguments_after(3, "A")},
      {"tsig {\nrequire_opcode FOO\n}", parsing(3, "unknown opcode 'FOO'")},
      {"tsig {\nfoo\n}", parsing(3, "unknown property 'foo'")},
      {"tsig\ntsig", "3" + kOnce},
  };
  check_mistakes("tsig", cases, kTsig, files);
}

}  // namespace fairlead::plugins::tsig
