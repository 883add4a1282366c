#include "corefile/parser.h"

#include <doctest/doctest.h>

#include "test/unit/corefile/support.h"

using namespace fairlead::corefile;
using namespace fairlead::corefile::testing;

namespace {

struct Good {
  const char* name;
  const char* text;
  const char* expected;
};

struct Bad {
  const char* name;
  const char* text;
  const char* expected;
};

}  // namespace

TEST_CASE("parser: blocks, keys and directives") {
  const Good cases[] = {
      {"empty", "", ""},
      {"comment only", "# nothing\n", ""},
      {"one block", ".:53 {\n  whoami\n  log\n}\n", ".:53 (log)(whoami)\n"},
      {"no braces", ".:53\nlog\nerrors", ".:53 (errors)(log)\n"},
      {"keys only", "example.org", "example.org \n"},
      {"several keys only", "a b\n", "a b \n"},
      {"empty block", ". {\n}", ". \n"},
      {"empty block on one line", ". { }", ". \n"},
      {"brace on the next line", ".\n{\nlog\n}", ". (log)\n"},
      {"keys by space and comma", "a b, c {\nlog\n}", "a b c (log)\n"},
      {"comma at the line end", "a,\nb {\nlog\n}", "a b (log)\n"},
      {"lone comma", "a , b {\nlog\n}", "a b (log)\n"},
      {"empty key is skipped", "\"\" a {\nlog\n}", "a (log)\n"},
      {"two blocks", "a {\nlog\n}\nb {\nerrors\n}", "a (log)\nb (errors)\n"},
      {"plugin order, not file order", ". {\nwhoami\nforward . 1.1.1.1\nerrors\ncache\n}",
       ". (errors)(cache)(forward . 1.1.1.1)(whoami)\n"},
      {"repeated directives are joined", ". {\nforward a 1.1.1.1\nlog\nforward b 2.2.2.2\n}",
       ". (log)(forward a 1.1.1.1|forward b 2.2.2.2)\n"},
      {"sub-block", ". {\nhealth {\nlameduck 5s\n}\nready\n}",
       ". (ready)(health {|lameduck 5s|})\n"},
      {"quoted brace is an argument", ". {\nlog . \"{\"\n}", ". (log . {)\n"},
      {"quoted argument over lines", ". {\nlog . \"{type}\n{name}\" x\nerrors\n}",
       ". (errors)(log . {type}\n{name} x)\n"},
      {"CRLF", ".:53 {\r\n  log\r\n}\r\n", ".:53 (log)\n"},
      {"byte order mark", "\xEF\xBB\xBF. {\nlog\n}", ". (log)\n"},
      {"unused snippet", "(s) {\nlog\n}\n. {\nerrors\n}", ". (errors)\n"},
      {"keys of a transport", "tls://example.org quic://. {\nlog\n}",
       "tls://example.org quic://. (log)\n"},
  };
  for (const Good& c : cases) {
    CAPTURE(c.name);
    CHECK(summary(parse_text(c.text)) == c.expected);
  }
}

TEST_CASE("parser: every error names its place in CoreDNS's words") {
  const Bad cases[] = {
      {"unknown directive", ". {\n  log\n  nosuchthing\n}",
       "Corefile:3 - Error during parsing: Unknown directive 'nosuchthing'"},
      {"near miss", ". {\nkubernets cluster.local\n}",
       "Corefile:2 - Error during parsing: Unknown directive 'kubernets' (did you mean "
       "'kubernetes'?)"},
      {"known but not supported", ". {\n\nrewrite\n}",
       "Corefile:3 - Error during parsing: directive 'rewrite' is not supported yet; "
       "docs/migrate.md says what to do"},
      {"no closing brace", ". {\n log\n",
       "Corefile:2 - Error during parsing: Unexpected end of file, expecting '}' for the '{' at "
       "Corefile:1"},
      {"nothing after the brace", ". {",
       "Corefile:1 - Error during parsing: Unexpected end of file, expecting '}' for the '{' at "
       "Corefile:1"},
      {"open sub-block", ". {\nhealth {\nlameduck 5s\n",
       "Corefile:3 - Error during parsing: Unexpected end of file, expecting '}' for the '{' at "
       "Corefile:2"},
      {"open sub-block takes the block's brace", ". {\nhealth {\nlameduck 5s\n}\n",
       "Corefile:4 - Error during parsing: Unexpected end of file, expecting '}' for the '{' at "
       "Corefile:1"},
      {"comma, then nothing", "a,", "Corefile:1 - Error during parsing: Unexpected EOF"},
      {"comma, then brace", "a, {\nlog\n}",
       "Corefile:1 - Error during parsing: Expected another address but had '{' - check for extra "
       "comma"},
      {"brace behind a directive", ". { log }",
       "Corefile:1 - Error during parsing: Unexpected '}' because no matching opening brace"},
      {"one brace too many", ". {\nlog\n}\n}",
       "Corefile:4 - Error during parsing: Unexpected '}' because no matching opening brace"},
      {"brace without an opening one", ".\nlog\n}",
       "Corefile:3 - Error during parsing: Unexpected '}' because no matching opening brace"},
      {"sub-block on a line of its own", ". {\nhealth\n{\nlameduck 5s\n}\n}",
       "Corefile:3 - Error during parsing: Unexpected token '{', expecting argument"},
      {"words after a sub-block", ". {\nhealth {\n} log\n}",
       "Corefile:3 - Error during parsing: Wrong argument count or unexpected line ending after "
       "'}'"},
      {"snippet without braces", "(s)\nlog\n",
       "Corefile:2 - Syntax error: Unexpected token 'log', expecting '{'"},
      {"open snippet", "(s) {\nlog\n",
       "Corefile:2 - Error during parsing: Unexpected end of file, expecting '}' for the '{' at "
       "Corefile:1"},
      {"snippet twice", "(s) {\nlog\n}\n(s) {\n}\n",
       "Corefile:4 - Error during parsing: redeclaration of previously declared snippet s"},
      {"snippet of itself", "(s) {\nimport s\n}\n",
       "Corefile:2 - Error during parsing: maximum snippet import depth (10000) exceeded"},
      {"snippet used before it is there", ". {\nimport s\n}\n(s) {\nlog\n}",
       "Corefile:2 - Error during parsing: File to import not found: s"},
      {"import of nothing", ". {\nimport\n}",
       "Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after "
       "'import'"},
      {"import of an empty word", ". {\nimport \"\"\n}",
       "Corefile:2 - Error during parsing: Import requires a non-empty filepath"},
      {"import of two", ". {\nimport a b\n}",
       "Corefile:2 - Error during parsing: Import takes only one argument (glob pattern or file)"},
      {"import of a missing file", ". {\nimport /x/y\n}",
       "Corefile:2 - Error during parsing: File to import not found: /x/y"},
      {"two wildcards", ". {\nimport a*b*\n}",
       "Corefile:2 - Error during parsing: Glob pattern may only contain one wildcard (*), but has "
       "others: /a*b*"},
      {"brackets", ". {\nimport [ab]\n}",
       "Corefile:2 - Error during parsing: Glob pattern may only contain one wildcard (*), but has "
       "others: /[ab]"},
  };
  for (const Bad& c : cases) {
    CAPTURE(c.name);
    CHECK(parse_error_of(c.text) == c.expected);
  }
}

TEST_CASE("parser: an error carries file and line") {
  try {
    parse_text(". {\nimport sub/a\n}", {{"/etc/sub/a", "log\n\nbogus\n"}}, {}, "/etc/Corefile");
    FAIL("no error");
  } catch (const ConfigError& e) {
    CHECK(e.file() == "/etc/sub/a");
    CHECK(e.line() == 3);
    CHECK(std::string(e.what()) ==
          "/etc/sub/a:3 - Error during parsing: Unknown directive 'bogus'");
  }
}

TEST_CASE("parser: environment variables") {
  const Map variables = {{"PORT", "5353"}, {"D", "log"},        {"DUR", "7s"},
                         {"F", "inc"},     {"SELF", "{$SELF}"}, {"B", "{"}};
  const Good cases[] = {
      {"key", ".:{$PORT} {\nlog\n}", ".:5353 (log)\n"},
      {"Windows form", ".:{%PORT%} {\nlog\n}", ".:5353 (log)\n"},
      {"directive name", ". {\n{$D} a\n}", ". (log a)\n"},
      {"argument, inside a word, twice", ". {\nlog x{$PORT}y{$PORT}z\n}", ". (log x5353y5353z)\n"},
      {"sub-block", ". {\nhealth {\nlameduck {$DUR}\n}\n}", ". (health {|lameduck 7s|})\n"},
      {"unset is empty", ". {\nlog a{$NONE}b {$NONE}\n}", ". (log ab )\n"},
      {"unset key is skipped", "{$NONE} a {\nlog\n}", "a (log)\n"},
      {"import", ". {\nimport {$F}\n}", ". (errors)\n"},
      {"template text without spaces is eaten", ". {\nlog {{$x}}\n}", ". (log {})\n"},
      {"template text with spaces is safe", ". {\nlog \"{{ $x }}\"\n}", ". (log {{ $x }})\n"},
      {"names itself", ". {\nlog {$SELF}\n}", ". (log {$SELF})\n"},
      {"empty reference", ". {\nlog {$} {$PORT}\n}", ". (log {$} 5353)\n"},
      {"no end", ". {\nlog {$PORT\n}", ". (log {$PORT)\n"},
      {"a brace from a variable is text", ". {\nlog {$B}\n}", ". (log {)\n"},
  };
  for (const Good& c : cases) {
    CAPTURE(c.name);
    CHECK(summary(parse_text(c.text, {{"/inc", "errors"}}, variables)) == c.expected);
  }
}

TEST_CASE("parser: imports of files, globs and snippets") {
  const Map files = {
      {"/inc", "log\nerrors\n"},
      {"/nested", "import inc\nready\n"},
      {"/sub/one", "import two\n"},
      {"/sub/two", "cache\n"},
      {"/c/a.override", "log a\n"},
      {"/c/b.override", "log b"},
      {"/c/x.server", "x.example {\nlog\n}\n"},
      {"/c/y.server", "y.example {\nerrors\n}\n"},
      {"/empty", "# nothing\n"},
      {"/options", "lameduck 3s\n"},
      {"/keys", "a b"},
      {"/block", "z.example {\nwhoami\n}"},
  };
  const Good cases[] = {
      {"file in a block", ". {\nimport inc\nwhoami\n}", ". (errors)(log)(whoami)\n"},
      {"file without braces around", ".\nimport inc\n", ". (errors)(log)\n"},
      {"file that imports", ". {\nimport nested\n}", ". (ready)(errors)(log)\n"},
      {"relative to the importing file", ". {\nimport sub/one\n}", ". (cache)\n"},
      {"absolute", ". {\nimport /sub/two\n}", ". (cache)\n"},
      {"up and down", ". {\nimport sub/../inc\n}", ". (errors)(log)\n"},
      {"empty file", ". {\nimport empty\nlog\n}", ". (log)\n"},
      {"glob in order of names", ". {\nimport c/*.override\n}", ". (log a|log b)\n"},
      {"glob of blocks", ". {\nlog\n}\nimport c/*.server\n",
       ". (log)\nx.example (log)\ny.example (errors)\n"},
      {"glob of blocks first", "import c/*.server\n. {\nlog\n}\n",
       "x.example (log)\ny.example (errors)\n. (log)\n"},
      {"one letter", ". {\nimport c/?.override\n}", ". (log a|log b)\n"},
      {"a star does not cross folders", ". {\nimport *.override\n}", ". \n"},
      {"glob in a folder", ". {\nimport */two\n}", ". (cache)\n"},
      {"in a sub-block", ". {\nhealth {\nimport options\n}\n}", ". (health {|lameduck 3s|})\n"},
      {"keys", "import keys\n{\nlog\n}", "a b (log)\n"},
      {"whole block", "import block", "z.example (whoami)\n"},
      {"nothing at the top", "import c/*.none\n", ""},
      {"snippet", "(s) {\nlog\nerrors\n}\n. {\nimport s\n}", ". (errors)(log)\n"},
      {"snippet on one line", "(s) { errors }\n. {\nimport s\nlog\n}", ". (errors)(log)\n"},
      {"snippet twice in a row", "(s) {\nlog x\n}\n. {\nimport s\nimport s\n}",
       ". (log x|log x)\n"},
      {"snippet in two blocks", "(s) {\nlog\n}\na {\nimport s\n}\nb {\nimport s\n}",
       "a (log)\nb (log)\n"},
      {"snippet in a snippet", "(s) {\nlog\n}\n(t) {\nimport s\nerrors\n}\n. {\nimport t\n}",
       ". (errors)(log)\n"},
      {"snippet with a sub-block", "(s) {\nhealth {\nlameduck 1s\n}\n}\n. {\nimport s\n}",
       ". (health {|lameduck 1s|})\n"},
      {"snippet before file", "(inc) {\nwhoami\n}\n. {\nimport inc\n}", ". (whoami)\n"},
      {"two keys are no snippet", "(a) (b) {\nlog\n}", "(a) (b) (log)\n"},
      {"import as an argument is a word", ". {\nlog import\n}", ". (log import)\n"},
  };
  for (const Good& c : cases) {
    CAPTURE(c.name);
    CHECK(summary(parse_text(c.text, files)) == c.expected);
  }
}

TEST_CASE("parser: a glob that matches nothing is a warning") {
  const Config config =
      parse_text(". {\nimport custom/*.override\nlog\n}\nimport custom/*.server\n");
  CHECK(summary(config) == ". (log)\n");
  CHECK(config.warnings ==
        std::vector<std::string>{"No files matching import glob pattern: custom/*.override",
                                 "No files matching import glob pattern: custom/*.server"});
}

TEST_CASE("parser: a block without a zone is a warning") {
  const Config config = parse_text("{\nlog\n}\n");
  CHECK(config.blocks.empty());
  REQUIRE(config.warnings.size() == 1);
  CHECK(config.warnings[0] == "Corefile:2 - A server block without a zone is ignored");
}

TEST_CASE("parser: a folder cannot be imported") {
  CHECK(parse_error_of(". {\nimport sub\n}", {{"/sub/", ""}}) ==
        "Corefile:2 - Error during parsing: Could not import /sub: is a directory");
  CHECK(parse_error_of(". {\nimport s*\n}", {{"/sub/", ""}}) ==
        "Corefile:2 - Error during parsing: Could not import /sub: is a directory");
}

TEST_CASE("parser: loops and multiplication end") {
  CHECK(parse_error_of(". {\nimport a\n}", {{"/a", "import b\n"}, {"/b", "import a\n"}}) ==
        "/b:1 - Error during parsing: maximum file import depth (100000) exceeded");
  CHECK(parse_error_of("(a) {\nimport b\n}\n(b) {\nimport a\n}\n. {\nimport a\n}") ==
        "Corefile:5 - Error during parsing: maximum snippet import depth (10000) exceeded");
  CHECK(parse_error_of("import Corefile", {{"/Corefile", "import Corefile"}}) ==
        "/Corefile:1 - Error during parsing: maximum file import depth (100000) exceeded");
  std::string wide = "(a) {\n";
  for (int i = 0; i < 1000; ++i) wide += "log\n";
  wide += "}\n(b) {\n";
  for (int i = 0; i < 1000; ++i) wide += "import a\n";
  wide += "}\n. {\nimport b\n}";
  CHECK(parse_error_of(wide).ends_with("the configuration is too large"));
  CHECK(parse_error_of(". {\nlog {$BIG}{$BIG}\n}", {},
                       {{"BIG", std::string(kMaxTokenBytes / 2 + 1, 'x')}})
            .ends_with("the configuration is too large"));
}

TEST_CASE("parser: deep nesting is only counted") {
  std::string text = ". {\nlog";
  for (int i = 0; i < 100'000; ++i) text += " {\n";
  CHECK(parse_error_of(text).ends_with("expecting '}' for the '{' at Corefile:2"));
}
