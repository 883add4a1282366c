// What a text that is no expression is told: CoreDNS's words where it refuses the text too.
#include <doctest/doctest.h>

#include <string>

#include "expression/node.h"
#include "test/unit/expression/support.h"

using fairlead::test::error_of;

namespace {

struct Row {
  const char* text;
  const char* error;  // without the lines that show the text
};

constexpr Row kErrors[] = {
    {"foo", "unknown name foo (1:1)"},
    {"foo()", "unknown name foo (1:1)"},
    {"name() == 1", "invalid operation: == (mismatched types string and int) (1:8)"},
    {"true == 1", "invalid operation: == (mismatched types bool and int) (1:6)"},
    {"[1] == 1", "invalid operation: == (mismatched types []interface {} and int) (1:5)"},
    {"['a'] == 'a'", "invalid operation: == (mismatched types []interface {} and string) (1:7)"},
    {"['a',1] == 1", "invalid operation: == (mismatched types []interface {} and int) (1:9)"},
    {"1 in ['a','b']", "cannot use int as type string in array (1:3)"},
    {"'a' in [1,2]", "cannot use string as type int in array (1:5)"},
    {"'a' in 'abc'", "invalid operation: in (mismatched types string and string) (1:5)"},
    {"1 in 5", "invalid operation: in (mismatched types int and int) (1:3)"},
    {"name() in name()", "invalid operation: in (mismatched types string and string) (1:8)"},
    {"incidr(client_ip())", "not enough arguments to call incidr (1:1)"},
    {"incidr(client_ip(), 'a', 'b')", "too many arguments to call incidr (1:1)"},
    {"incidr(client_ip(), 5)", "cannot use int as argument (type string) to call incidr  (1:21)"},
    {"name == 'a'", "invalid operation: == (mismatched types func() string and string) (1:6)"},
    {"name() + 1", "invalid operation: + (mismatched types string and int) (1:8)"},
    {"-name()", "invalid operation: - (mismatched type string) (1:1)"},
    {"!name()", "invalid operation: ! (mismatched type string) (1:1)"},
    {"not name() contains 'x'", "invalid operation: not (mismatched type string) (1:1)"},
    {"name() contains 5", "invalid operation: contains (mismatched types string and int) (1:8)"},
    {"name() matches '('", "error parsing regexp: missing closing ): `(` (1:8)"},
    {"name() matches 5", "invalid operation: matches (mismatched types string and int) (1:8)"},
    {"name() and true", "invalid operation: and (mismatched types string and bool) (1:8)"},
    {"size() ? true : false", "non-bool expression (type int) used as condition (1:1)"},
    {"1 2", "unexpected token Number(\"2\") (1:3)"},
    {"(1", "unexpected token EOF (1:2)"},
    {"[1", "unexpected token EOF (1:2)"},
    {"'abc", "literal not terminated (1:5)"},
    {"`abc", "literal not terminated (1:5)"},
    {"'a\\.b'", "invalid char escape (1:4)"},
    {"@", "unrecognized character: U+0040 '@' (1:1)"},
    {"a$b", "unknown name a$b (1:1)"},
    {"\"a", "literal not terminated (1:3)"},
    {"1.2.3", "unexpected token Number(\".3\") (1:4)"},
    {"10.0.0.0", "unexpected token Number(\".0.0\") (1:5)"},
    {"0x", "invalid hex literal: strconv.ParseInt: parsing \"0x\": invalid syntax (1:2)"},
    {"0b12", "bad number syntax: \"0b12\" (1:4)"},
    {"1e", "invalid float literal: strconv.ParseFloat: parsing \"1e\": invalid syntax (1:2)"},
    {"99999999999999999999",
     "invalid integer literal: strconv.ParseInt: parsing \"99999999999999999999\": value out of "
     "range (1:20)"},
    {"name()[0]", "type string[int] is undefined (1:7)"},
    {"name()['a']", "type string has no field a (1:7)"},
    {"[1]['a']", "array elements can only be selected using an integer (got string) (1:5)"},
    {"any(['a'], # == 1)", "invalid operation: == (mismatched types string and int) (1:14)"},
    {"any(['a'], 1)", "predicate should return boolean (got int) (1:12)"},
    {"any('a', true)", "builtin any takes only array (got string) (1:5)"},
    {"any(['a'])", "expected at least 2 arguments (1:10)"},
    {"#", "unexpected token Operator(\"#\") (1:1)"},
    {"# == 1", "unexpected token Operator(\"#\") (1:1)"},
    {"type(1)", "too many arguments to call type (1:1)"},
    {"len(5)", "invalid argument for len (type int) (1:1)"},
    {"len()", "invalid number of arguments (expected 1, got 0) (1:1)"},
    {"len(1, 2)", "invalid number of arguments (expected 1, got 2) (1:1)"},
    {"split('a')", "not enough arguments to call split (1:1)"},
    {"int([1])", "invalid argument for int (type []interface {}) (1:1)"},
    {"first('a')", "cannot get first element from string (1:1)"},
    {"client_ip() | foo()", "unknown name foo (1:15)"},
    {"client_ip() | 5", "unexpected token Number(\"5\") (1:15)"},
    {"lower(5)", "cannot use int as argument (type string) to call lower  (1:7)"},
    {"1 \?\? 2 + 3",
     "Operator (+) and coalesce expressions (\?\?) cannot be mixed. Wrap either by parentheses. "
     "(1:8)"},
    {"port() > 1024", "invalid operation: > (mismatched types string and int) (1:8)"},
    {"1.5 % 2 == 1", "invalid operation: % (mismatched types float64 and int) (1:5)"},
    {"true and", "unexpected token EOF (1:8)"},
    {"and true", "unexpected token Operator(\"and\") (1:1)"},
    {"name() not == 'a'", "unexpected token Operator(\"==\") (1:12)"},
    {"not", "unexpected token EOF (1:3)"},
    {"true not true", "unexpected token Identifier(\"true\") (1:10)"},
    {"=", "unexpected token Operator(\"=\") (1:1)"},
    {"name() = 'a'", "unexpected token Operator(\"=\") (1:8)"},
    {"a = b", "unexpected token Operator(\"=\") (1:3)"},
    {"'a' < 1", "invalid operation: < (mismatched types string and int) (1:5)"},
    {"true < false", "invalid operation: < (mismatched types bool and bool) (1:6)"},
    {"[1] < [2]",
     "invalid operation: < (mismatched types []interface {} and []interface {}) (1:5)"},
    {"a ? b", "unexpected token EOF (1:5)"},
    {"true ? 1", "unexpected token EOF (1:8)"},
    {"()", "unexpected token Bracket(\")\") (1:2)"},
    {"1,2", "unexpected token Operator(\",\") (1:2)"},
    {"[,]", "unexpected token Operator(\",\") (1:2)"},
    {"incidr(,)", "unexpected token Operator(\",\") (1:8)"},
    {"do() == do", "invalid operation: == (mismatched types bool and func() bool) (1:6)"},
    {"name() startsWith 'a' endsWith 'b'",
     "invalid operation: endsWith (mismatched types bool and string) (1:23)"},
    {"trim(' a ', 'x', 'y') == 'a'", "too many arguments to call trim (1:1)"},
    {"abs('a') == 1", "invalid argument for abs (type string) (1:1)"},
    {"group(1)", "unknown name group (1:1)"},
    {"é == 1", "unknown name é (1:1)"},
    {"'é' == 1 or foo", "invalid operation: == (mismatched types string and int) (1:5)"},
    {"name() ==", "unexpected token EOF (1:9)"},
    {"name() == 'a' &&", "unexpected token EOF (1:16)"},
    {"name() == 'a' & true", "unexpected token Operator(\"&\") (1:15)"},
    {"'a' | lower", "unexpected token EOF (1:11)"},
    {"#x", "unexpected token Operator(\"#\") (1:1)"},
    {".x", "unexpected token Operator(\".\") (1:1)"},
    {"0x == 1", "invalid hex literal: strconv.ParseInt: parsing \"0x\": invalid syntax (1:4)"},
    {"all(name(), true)", "builtin all takes only array (got string) (1:5)"},
    {"one(['a'], # == 1)", "invalid operation: == (mismatched types string and int) (1:14)"},
    {"none(5, true)", "builtin none takes only array (got int) (1:6)"},
    {"any(['a'], foo)", "unknown name foo (1:12)"},
    {"split(5) | first()", "not enough arguments to call split (1:1)"},
    {"hasPrefix('a')", "not enough arguments to call hasPrefix (1:1)"},
    {"indexOf('a', 5) == 1", "cannot use int as argument (type string) to call indexOf  (1:14)"},
    {"join(5)", "cannot use int as argument (type []string) to call join  (1:6)"},
    {"replace('a', 'b')", "not enough arguments to call replace (1:1)"},
    {"int('5', 5)", "invalid number of arguments (expected 1, got 2) (1:1)"},
    {"int(true)", "invalid argument for int (type bool) (1:1)"},
    {"float(true)", "invalid argument for float (type bool) (1:1)"},
    {"last(5)", "cannot get last element from int (1:1)"},
    {"upper(1,2)", "too many arguments to call upper (1:1)"},
    {"+name()", "invalid operation: + (mismatched type string) (1:1)"},
    {"not 5", "invalid operation: not (mismatched type int) (1:1)"},
    {"5 % name() == 1", "invalid operation: % (mismatched types int and string) (1:3)"},
    {"name() - name()", "invalid operation: - (mismatched types string and string) (1:8)"},
    {"name() ** 2", "invalid operation: ** (mismatched types string and int) (1:8)"},
    {"2 ** name()", "invalid operation: ** (mismatched types int and string) (1:3)"},
    {"size() in ['1']", "cannot use int as type string in array (1:8)"},
    {"1 in split('a', '')", "cannot use int as type string in array (1:3)"},
    {"name() == [1]", "invalid operation: == (mismatched types string and []interface {}) (1:8)"},
    {"nil + 1", "invalid operation: + (mismatched types unknown and int) (1:5)"},
    {"nil < 1", "invalid operation: < (mismatched types unknown and int) (1:5)"},
    {"nil and true", "invalid operation: and (mismatched types unknown and bool) (1:5)"},
    {"not nil", "invalid operation: not (mismatched type unknown) (1:1)"},
    {"nil ? 1 : 2", "non-bool expression (type unknown) used as condition (1:1)"},
    {"1 == 1 == 1", "invalid operation: == (mismatched types bool and int) (1:8)"},
    {"true or 1", "invalid operation: or (mismatched types bool and int) (1:6)"},
    {"name() contains nil",
     "invalid operation: contains (mismatched types string and unknown) (1:8)"},
    {"1 < nil", "invalid operation: < (mismatched types int and unknown) (1:3)"},
    {"group", "unknown name group (1:1)"},
    {"_a", "unknown name _a (1:1)"},
    {"size()[0]", "type int[int] is undefined (1:7)"},
    {"['a'][name()]", "array elements can only be selected using an integer (got string) (1:7)"},
    {"`a`b", "unexpected token Identifier(\"b\") (1:4)"},
    {"'a' 'b'", "unexpected token String(\"b\") (1:5)"},
    {"a && b", "unknown name a (1:1)"},
    {"name(1)", "too many arguments to call name (1:1)"},
    {"size( ", "unexpected token EOF (1:6)"},
    {"incidr(incidr, 'a')",
     "cannot use func(string, string) (bool, error) as argument (type string) to call incidr  "
     "(1:8)"},
    {"name()()", "unexpected token Bracket(\"(\") (1:7)"},
    {"incidr(name(), type() == 'a' ? 1 : 2)",
     "cannot use int as argument (type string) to call incidr  (1:37)"},
    {"1 |", "unexpected token EOF (1:3)"},
    {"true | true", "unexpected token EOF (1:11)"},
    {"# true", "unexpected token Operator(\"#\") (1:1)"},
    {"any(['a'], true) && # == 1", "unexpected token Operator(\"#\") (1:21)"},
    {"1.e", "invalid float literal: strconv.ParseFloat: parsing \"1.e\": invalid syntax (1:3)"},
    {"1.5.5", "unexpected token Number(\".5\") (1:4)"},
    {"5m", "bad number syntax: \"5m\" (1:2)"},
    {"'\\q'", "invalid char escape (1:3)"},
    {"true && !!!name()", "invalid operation: ! (mismatched type string) (1:11)"},
    {")", "unexpected token Bracket(\")\") (1:1)"},
    {"]", "unexpected token Bracket(\"]\") (1:1)"},
    {"}", "unexpected token Bracket(\"}\") (1:1)"},
    {"(true]", "unexpected token Bracket(\"]\") (1:6)"},
    {"(true))", "unexpected token Bracket(\")\") (1:7)"},
    {"first()", "invalid number of arguments (expected 1, got 0) (1:1)"},
    {"first(1,2)", "invalid number of arguments (expected 1, got 2) (1:1)"},
    {"abs()", "invalid number of arguments (expected 1, got 0) (1:1)"},
    {"string()", "not enough arguments to call string (1:1)"},
    {"float(1,2)", "invalid number of arguments (expected 1, got 2) (1:1)"},
    {"name() in [1][0]", "invalid operation: in (mismatched types string and int) (1:8)"},
    {"any(split('a','b'), 1 in [#])", "cannot use int as type string in array (1:23)"},
    {"indexOf()", "not enough arguments to call indexOf (1:1)"},
    {"any(nil, true)", "builtin any takes only array (got unknown) (1:5)"},
    {"1 + 'a'", "invalid operation: + (mismatched types int and string) (1:3)"},
    {"1 == name", "invalid operation: == (mismatched types int and func() string) (1:3)"},
    {"not do", "invalid operation: not (mismatched type func() bool) (1:1)"},
    {"-nil", "invalid operation: - (mismatched type unknown) (1:1)"},
    {"[1] + [2]",
     "invalid operation: + (mismatched types []interface {} and []interface {}) (1:5)"},
    {"(do() ? 'a' : 'b') == 1", "invalid operation: == (mismatched types string and int) (1:20)"},
    {"any(['a'], # and true)", "invalid operation: and (mismatched types string and bool) (1:14)"},
    {"[1,2][0] == 'a'", "invalid operation: == (mismatched types int and string) (1:10)"},
    {"filter(['a'], true) == 1",
     "invalid operation: == (mismatched types []interface {} and int) (1:21)"},
    {"count(5)", "builtin count takes only array (got int) (1:7)"},
    {"count(['a'], 1)", "predicate should return boolean (got int) (1:14)"},
    {"any()", "expected at least 2 arguments (1:5)"},
    {"any(['a'], true, true)", "unexpected token Identifier(\"true\") (1:18)"},
    {"any(1 2)", "unexpected token Number(\"2\") (1:7)"},
    {"join(split('a','b')) == 1", "invalid operation: == (mismatched types string and int) (1:22)"},
    {"filter(['a'], # == 'a')[0] == 1",
     "invalid operation: == (mismatched types string and int) (1:28)"},
    {"foo(map)", "unknown name foo (1:1)"},
    {"in", "unexpected token Operator(\"in\") (1:1)"},
    {"x in", "unexpected token EOF (1:4)"},
    {"name() in", "unexpected token EOF (1:9)"},
};

constexpr Row kRefused[] = {
    {"incidr", "function incidr is not called (1:1)"},
    {"name", "function name is not called (1:1)"},
    {"name() matches name()", "the pattern of matches must be a constant (1:16)"},
    {"1 .. 3 == [1]", "'..' is not supported (1:3)"},
    {"name() .. 3", "'..' is not supported (1:8)"},
    {"{}", "maps are not supported (1:1)"},
    {"{a: 1}.a == 1", "maps are not supported (1:1)"},
    {"name().x", "'.' is not supported (1:7)"},
    {"name()?.x", "'?.' is not supported (1:7)"},
    {"name()[0:1] == 'a'", "slices are not supported (1:7)"},
    {"let x = 1; x == 1", "'let' is not supported (1:1)"},
    {"if true { true } else { false }", "'if' is not supported (1:1)"},
    {"1; true", "';' is not supported (1:2)"},
    {"map([1], #) == [1]", "function map() is not supported (1:1)"},
    {"1 < 2 < 3", "chains of comparisons are not supported (1:7)"},
    {"get([1], 0) == 1", "function get() is not supported (1:1)"},
    {"max(1, 2) == 2", "function max() is not supported (1:1)"},
    {"sum([1]) == 1", "function sum() is not supported (1:1)"},
    {"now()", "function now() is not supported (1:1)"},
    {"any(['a'], #index == 0)", "'#index' is not supported (1:12)"},
    {"concat([1],[2]) == [1,2]", "function concat() is not supported (1:1)"},
    {"get(['a'], 'b')", "function get() is not supported (1:1)"},
    {"a.b", "'.' is not supported (1:2)"},
    {"true.x", "'.' is not supported (1:5)"},
    {"[1,2][0:1] == [1]", "slices are not supported (1:6)"},
    {"[1].x", "'.' is not supported (1:4)"},
    {"1..", "'..' is not supported (1:2)"},
    {"name()[1:'a']", "slices are not supported (1:7)"},
    {"map(5, #)", "function map() is not supported (1:1)"},
    {"map", "function map is not called (1:1)"},
    {"lower", "function lower is not called (1:1)"},
};

template <size_t N>
void check(const Row (&rows)[N]) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const std::string error = error_of(row.text);
    CHECK(error.substr(0, error.find('\n')) == row.error);
  }
}

}  // namespace

TEST_CASE("expression: errors in CoreDNS's words and places") {
  check(kErrors);
}

TEST_CASE("expression: parts of the language that are not here are named") {
  check(kRefused);
}

TEST_CASE("expression: an error shows the line and the column, in characters") {
  CHECK(error_of("name() == 1") ==
        "invalid operation: == (mismatched types string and int) (1:8)\n"
        " | name() == 1\n"
        " | .......^");
  CHECK(error_of("'é' == 1") ==
        "invalid operation: == (mismatched types string and int) (1:5)\n"
        " | 'é' == 1\n"
        " | ....^");
  CHECK(error_of("true and\n  foo\nor true") == "unknown name foo (2:3)\n |   foo\n | ..^");
  CHECK(error_of("") == "unexpected token EOF");
}

TEST_CASE("expression: programs are bounded") {
  const auto times = [](size_t count, const std::string& text) {
    std::string all;
    for (size_t i = 0; i < count; ++i) all += text;
    return all;
  };
  const auto says = [](const std::string& text, const char* what) {
    return error_of(text).find(what) != std::string::npos;
  };
  CHECK(says(times(100'000, "("), "expression is too deep"));
  CHECK(says(times(100'000, "!") + "true", "expression is too deep"));
  CHECK(says(times(100'000, "[") + "1", "expression is too deep"));
  CHECK(says("1" + times(1000, " + 1") + " == 1", "expression is too deep"));
  CHECK(says("[1]" + times(1000, "[0]"), "expression is too deep"));
  CHECK(says("true ? true : " + times(1000, "true ? true : ") + "true", "expression is too deep"));
  CHECK(says("true" + times(20'000, " and true"), "exceeds maximum allowed nodes"));
  CHECK(error_of("true" + times(5'000, " and true")).empty());
  CHECK(says(std::string(2 << 20, ' '), "expression is too long"));
}
