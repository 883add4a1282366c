#include "corefile/lexer.h"

#include <doctest/doctest.h>

using namespace fairlead::corefile;

namespace {

// Words in brackets with their line; `/` in front of the first of a line.
std::string shape(std::string_view text) {
  std::string out;
  for (const Token& token : tokenize(text, "f")) {
    out += (token.starts_line ? "/" : "") + std::to_string(token.line) +
           (token.quoted ? "\"" : "[") + token.text + (token.quoted ? "\"" : "]");
  }
  return out;
}

struct Case {
  const char* name;
  std::string text;
  const char* expected;
};

}  // namespace

TEST_CASE("lexer: words, quotes, comments and lines") {
  const Case cases[] = {
      {"empty", "", ""},
      {"only space", " \t\r\n\n", ""},
      {"lines", "a b\nc", "/1[a]1[b]/2[c]"},
      {"byte order mark", "\xEF\xBB\xBF.:53", "/1[.:53]"},
      {"byte order mark only at the start", "a\xEF\xBB\xBF", "/1[a\xEF\xBB\xBF]"},
      {"carriage returns", "a b\r\nc\r\n", "/1[a]1[b]/2[c]"},
      {"carriage return in a word", "fo\ro", "/1[foo]"},
      {"comment", "a # b\nc", "/1[a]/2[c]"},
      {"comment inside a word", "foo#bar baz\nc", "/1[foo]1[baz]/2[c]"},
      {"comment inside a word, then a brace", "cache#x {\nc#\r\n}", "/1[cache]1[{]/2[c]/3[}]"},
      {"no quotes behind it", "a#\"b c\"", "/1[a]1[c\"]"},
      {"comment behind a quote", "\"a\"#b c\nd", "/1\"a\"/2[d]"},
      {"comment inside a word, then one of its own", "a#b #c d\ne", "/1[a]/2[e]"},
      {"comment inside the last word", "a#b", "/1[a]"},
      {"comment at the end", "a #", "/1[a]"},
      {"no comment in quotes", "\"a # b\"", "/1\"a # b\""},
      {"quoted", "x \"a b\" c", "/1[x]1\"a b\"1[c]"},
      {"quote inside a word is plain", "a\"b c\"", "/1[a\"b]1[c\"]"},
      {"word after a quote", "\"a\"b", "/1\"a\"1[b]"},
      {"escaped quote", "\"a\\\"b\"", "/1\"a\"b\""},
      {"other backslashes stay", "\"a\\nb\\\\\" c", "/1\"a\\nb\\\\\"1[c]"},
      {"backslash outside quotes", "a\\\"b", "/1[a\\\"b]"},
      {"empty quotes", "a \"\" b", "/1[a]1\"\"1[b]"},
      {"quote over lines", "a \"b\nc\" d\ne", "/1[a]1\"b\nc\"2[d]/3[e]"},
      {"open quote", "a \"b c\n", "/1[a]1\"b c\n\""},
      {"no line continuation", "a \\\nb", "/1[a]1[\\]/2[b]"},
      {"Unicode spaces",
       "a\xC2\xA0"
       "b\xE3\x80\x80"
       "c\xE2\x80\x83"
       "d",
       "/1[a]1[b]1[c]1[d]"},
      {"other UTF-8",
       "b\xC3\xBC"
       "cher.example",
       "/1[b\xC3\xBC"
       "cher.example]"},
      {"broken UTF-8", "a\xE2\x80", "/1[a\xE2\x80]"},
      {"braces are words only alone", "{ } {a}", "/1[{]1[}]1[{a}]"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(shape(c.text) == c.expected);
  }
}

TEST_CASE("lexer: a quoted brace does not act as one") {
  const auto tokens = tokenize("{ \"{\" } \"}\"", "f");
  REQUIRE(tokens.size() == 4);
  CHECK(tokens[0].opens());
  CHECK_FALSE(tokens[1].opens());
  CHECK(tokens[2].closes());
  CHECK_FALSE(tokens[3].closes());
}
