#include "plugins/template/text_template.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

namespace fairlead::plugins::templates {
namespace {

class SomeLabels : public Labels {
 public:
  [[nodiscard]] std::string_view find(std::string_view label) const override {
    return label == "geoip/country/code" ? "CN" : "";
  }
};

// What a template makes of ip-1-2.example., or what is wrong with it.
std::string made(const std::string& text) {
  const std::array<std::string_view, 4> matches{"ip-1-2.example.", "1", "2", ""};
  const std::vector<GroupName> names{{"a", 1}, {"b", 2}, {"none", 3}};
  dns::Query question;
  const auto name = dns::Name::from_text("Ip-1-2.Example");
  question.qname = name->view();
  question.qtype = dns::RrType::A;
  question.id = 77;
  question.recursion_desired = true;
  const SomeLabels labels;
  const std::array<Variable, 2> variables{
      {{"ip", Value::of(std::string_view("10.1.2.3"))}, {"n", Value::of(int64_t{60})}}};
  Data data{.name = "ip-1-2.example.",
            .zone = "example.",
            .regex = "^ip-",
            .matches = matches,
            .group_names = names,
            .class_text = "IN",
            .type_text = "A",
            .question = &question,
            .remote = *dns::IpAddress::from_text("2001:db8::1"),
            .variables = variables,
            .labels = &labels};
  try {
    const TextTemplate parsed("answer", text);
    Texts texts;
    std::string out;
    const std::string error = parsed.execute(data, texts, out);
    return error.empty() ? out : error;
  } catch (const TemplateError& error) {
    return error.what();
  }
}

std::string canonical(const std::string& text) {
  return TextTemplate("answer", text).canonical();
}

struct Row {
  const char* text;
  const char* made;
};

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(made(row.text) == row.made);
  }
}

}  // namespace

TEST_CASE("text template: data") {
  check({
      {"", ""},
      {"plain } text }}", "plain } text }}"},
      {"{{ .Name }} 60 IN A 10.0.{{.Group.a}}.{{ .Group.b }}", "ip-1-2.example. 60 IN A 10.0.1.2"},
      {"{{.Zone}} {{.Class}} {{.Type}} {{.Regex}}", "example. IN A ^ip-"},
      {"{{index .Match 1}}{{ index .Group \"2\" }}{{ index .Group \"b\" }}", "122"},
      {"{{ .Group.x }}|{{ index .Group \"x\" }}|{{ .Group.none }}", "<no value>||"},
      {"{{ .Match }} {{ len .Match }}", "[ip-1-2.example. 1 2 ] 4"},
      {"{{ .Group }}", "map[0:ip-1-2.example. 1:1 2:2 3: a:1 b:2 none:]"},
      {"{{ .Remote }}", "2001:db8::1"},
      {"{{ .Question.Name }} {{ .Question.Qtype }} {{ .Question.Qclass }}", "Ip-1-2.Example. 1 1"},
      {"{{ .Message.Id }} {{ .Message.RecursionDesired }} {{ .Message.Opcode }}", "77 true 0"},
      {"{{ .Meta \"geoip/country/code\" }}|{{ .Meta \"x/y\" }}", "CN|"},
      {"{{ .Var.ip }} {{ .Var.n }} {{ .Var.x }}", "10.1.2.3 60 <no value>"},
  });
}

TEST_CASE("text template: literals") {
  check({
      {R"({{ "a\tb\"\x41\u00e9\101" }}{{ `raw\t` }})",
       "a\tb\"A\xc3\xa9"
       "Araw\\t"},
      {"{{ 5 }} {{ -5 }} {{ 0x1F }} {{ 0o17 }} {{ 017 }} {{ 0b11 }} {{ 1_000 }} {{ 'a' }}",
       "5 -5 31 15 15 3 1000 97"},
      {"{{ 1.5 }} {{ 1e3 }} {{ 1e-7 }} {{ true }} {{ false }}", "1.5 1000 1e-07 true false"},
      {"{{ 1x }}", "template: answer:1: bad number syntax: \"1x\""},
      {"{{ \"\\z\" }}", "template: answer:1: invalid syntax"},
      {"{{ '' }}", "template: answer:1: malformed character constant: ''"},
  });
}

TEST_CASE("text template: conditions") {
  check({
      {"{{ if eq .Type \"A\" }}yes{{ else }}no{{ end }}", "yes"},
      {"{{ if eq .Type \"B\" }}yes{{ else }}no{{ end }}", "no"},
      {"{{ if .Group.none }}yes{{ else if .Group.x }}x{{ else if .Group.a }}a{{else}}no{{end}}",
       "a"},
      {"{{ if not .Group.none }}1{{ end }}{{ if .Match }}2{{ end }}{{ if 0 }}3{{ end }}", "12"},
      {"{{ if and .Name (eq .Class \"IN\") (or .Group.none .Group.a) }}all{{ end }}", "all"},
      {"{{ and .Group.a .Group.none \"x\" }}|{{ or .Group.none .Group.b \"x\" }}", "|2"},
      {"{{ eq 1 2 3 1 }} {{ ne 1 2 }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt \"b\" \"a\" }} {{ ge 1.5 2.5 "
       "}}",
       "true true true true true false"},
      {"{{ eq .Question.Qtype 1 }} {{ lt -1 .Question.Qtype }} {{ gt .Question.Qtype 2 }}",
       "true true false"},
      {"{{ if eq (.Meta \"geoip/country/code\") \"CN\" }}c{{ end }}", "c"},
      {"{{ eq 1 \"1\" }}",
       "template: answer:1:3: executing \"answer\" at <eq 1 \"1\">: error calling eq: "
       "incompatible types for comparison: int and string"},
      {"{{ lt true false }}",
       "template: answer:1:3: executing \"answer\" at <lt true false>: error calling lt: "
       "invalid type for comparison"},
      {"a\n {{ eq .Group.x 1 }}",
       "template: answer:2:7: executing \"answer\" at <.Group.x>: invalid value; expected "
       "reflect.Value"},
  });
}

TEST_CASE("text template: functions and pipelines") {
  check({
      {"{{ parseInt \"ff\" 16 64 }} {{ parseInt .Group.b 10 8 | printf \"%03d\" }}", "255 002"},
      {"{{ parseInt \"0x1f\" 0 64 }} {{ parseInt \"18446744073709551615\" 10 64 }}",
       "31 18446744073709551615"},
      {"{{ parseInt \"256\" 10 8 }}",
       "template: answer:1:3: executing \"answer\" at <parseInt \"256\" 10 8>: error calling "
       "parseInt: strconv.ParseUint: parsing \"256\": value out of range"},
      {"{{ parseInt \"x\" 10 8 }}",
       "template: answer:1:3: executing \"answer\" at <parseInt \"x\" 10 8>: error calling "
       "parseInt: strconv.ParseUint: parsing \"x\": invalid syntax"},
      {"{{ slice .Name 3 }} {{ slice .Name 0 2 }} {{ len .Name }}", "1-2.example. ip 15"},
      {"{{ .Name | len | printf \"%d %s\" 1 }}", "1 %!s(int=15)"},
      {"{{ index .Match 7 }}",
       "template: answer:1:3: executing \"answer\" at <index .Match 7>: error calling index: "
       "index out of range: 7"},
      {"{{ index .Match 4 }}",
       "template: answer:1:3: executing \"answer\" at <index .Match 4>: error calling index: "
       "index out of range: 4"},
      {"{{ slice .Name 5 2 }}",
       "template: answer:1:3: executing \"answer\" at <slice .Name 5 2>: error calling slice: "
       "invalid slice index: 5 > 2"},
      {"{{ len 3 }}",
       "template: answer:1:3: executing \"answer\" at <len 3>: error calling len: len of type int"},
      {"{{ index .Match 0 1 | printf \"%c\" }}",
       "template: answer:1:22: executing \"answer\" at <printf \"%c\">: error calling printf: "
       "printf with %c is not supported"},
  });
}

TEST_CASE("text template: printf") {
  check({
      {"{{ printf \"%s|%5s|%-5s|%.2s|%q|%x|%X\" \"abc\" \"abc\" \"abc\" \"abc\" \"a\\\"\" \"ab\" "
       "\"k\" }}",
       "abc|  abc|abc  |ab|\"a\\\"\"|6162|6B"},
      {"{{ printf \"%d|%5d|%-5d|%05d|%+d|%x|%#X|%.3d\" 7 7 7 -7 7 255 255 7 }}",
       "7|    7|7    |-0007|+7|ff|0XFF|007"},
      {"{{ printf \"%v %v %v %v %t %%\" 1 \"a\" .Match true false }}",
       "1 a [ip-1-2.example. 1 2 ] true false %"},
      {"{{ printf \"%d %s\" \"a\" }}", "%!d(string=a) %!s(MISSING)"},
      {"{{ printf \"a\" 1 \"b\" }}", "a%!(EXTRA int=1, string=b)"},
      {"{{ printf \"%s %v%\" .Group.x .Group.x }}", "%!s(<nil>) <nil>%!(NOVERB)"},
      {"{{ printf \"%s\" true }}", "%!s(bool=true)"},
  });
  CHECK(made("{{ printf \"%70000d%70000d\" 1 2 }}") == "template: answer: the text is too long");
}

TEST_CASE("text template: trim marks and comments") {
  check({
      {"a {{- .Class -}} b", "aINb"},
      {"a {{- /* why */ -}} b", "ab"},
      {"a {{/* why */}} b", "a  b"},
      {"a{{ 3 -}}\n\t b{{- /* c */}} d", "a3b d"},
      {"{{-3}}", "-3"},
      {"{{/* a", "template: answer:1: unclosed comment"},
      {"{{/* a */ }}", "template: answer:1: comment ends before closing delimiter"},
  });
}

TEST_CASE("text template: what Go refuses") {
  check({
      {"{{ foo }}", "template: answer:1: function \"foo\" not defined"},
      {"{{ .Name", "template: answer:1: unclosed action"},
      {"{{ end }}", "template: answer:1: unexpected {{end}}"},
      {"{{ else }}", "template: answer:1: unexpected {{else}}"},
      {"{{ if }}x{{ end }}", "template: answer:1: missing value for if"},
      {"{{ }}", "template: answer:1: missing value for command"},
      {"{{ if .Name }}", "template: answer:1: unexpected EOF"},
      {"{{ if .Name }}{{ else }}{{ else }}{{ end }}",
       "template: answer:1: expected end; found {{else}}"},
      {"{{ (index .Match 0 }}", "template: answer:1: unclosed left paren"},
      {"{{ .Name ) }}", "template: answer:1: unexpected right paren"},
      {"{{ .Name, .Zone }}", "template: answer:1: unexpected \",\" in operand"},
      {"{{ \"a }}", "template: answer:1: unterminated quoted string"},
      {"{{ `a }}", "template: answer:1: unterminated raw quoted string"},
      {"{{ .Name+1 }}", "template: answer:1: bad character '+'"},
      {"{{ \x01 }}", "template: answer:1: unrecognized character in action"},
      {"{{ .Name | }}", "template: answer:1: missing value for command"},
      {"{{ .Name | 3 }}", "template: answer:1: non executable command in pipeline"},
      {"{{ 3 4 }}", "template: answer:1: can't give argument to non-function 3"},
      {"{{ .Name if }}", "template: answer:1: unexpected <if> in command"},
      {"{{ \"a\".B }}", "template: answer:1: unexpected . after term \"\"a\"\""},
  });
}

TEST_CASE("text template: what is not built is refused with its name") {
  check({
      {"{{ range .Match }}{{ end }}", "template: answer:1: {{range}} is not supported"},
      {"{{ with .Name }}{{ end }}", "template: answer:1: {{with}} is not supported"},
      {"{{ define \"x\" }}{{ end }}", "template: answer:1: {{define}} is not supported"},
      {"{{ template \"x\" }}", "template: answer:1: {{template}} is not supported"},
      {"{{ block \"x\" . }}{{ end }}", "template: answer:1: {{block}} is not supported"},
      {"{{ break }}", "template: answer:1: {{break}} is not supported"},
      {"{{ if 1 }}{{ else with 2 }}{{ end }}",
       "template: answer:1: {{else with}} is not supported"},
      {"{{ $x := 1 }}", "template: answer:1: variables ($x) are not supported"},
      {"{{ html .Name }}", "template: answer:1: function \"html\" is not supported"},
      {"{{ call .Name }}", "template: answer:1: function \"call\" is not supported"},
      {"{{ . }}", "template: answer:1: the data as a whole (.) is not supported"},
      {"{{ nil }}", "template: answer:1: nil is not supported"},
      {"{{ .Message }}", "template: answer:1: .Message as a whole is not supported"},
      {"{{ (index .Match 0).X }}",
       "template: answer:1: fields of a value in parentheses are not supported"},
      {"{{ .Meta }}", "template: answer:1: wrong number of args for .Meta: want 1 got 0"},
      {"{{ eq 1 }}", "template: answer:1: wrong number of args for eq: want at least 2 got 1"},
      {"{{ parseInt \"1\" }}",
       "template: answer:1: wrong number of args for parseInt: want 3 got 1"},
      {"{{ eq .Meta \"a\" }}",
       "template: answer:1: wrong number of args for .Meta: it takes some, so put it in "
       "parentheses"},
  });
  CHECK(made("{{ .Rdata }}").starts_with("template: answer:1: can't evaluate field Rdata: there"));
  CHECK(made("{{ .Message.IsEdns0 }}")
            .starts_with("template: answer:1: can't evaluate field Message.IsEdns0: there"));
}

TEST_CASE("text template: the text as Go has it") {
  CHECK(canonical("{{ .Name }} 60  IN A x") == "{{.Name}} 60  IN A x");
  CHECK(canonical("a {{- index  .Match   1 | printf \"%s\" -}} b") ==
        "a{{index .Match 1 | printf \"%s\"}}b");
  CHECK(
      canonical("{{if eq ( .Meta `l` ) \"CN\"}}1{{else  if .Zone}}2{{else}}3{{/* c */}}{{end}}") ==
      "{{if eq (.Meta `l`) \"CN\"}}1{{else}}{{if .Zone}}2{{else}}3{{end}}{{end}}");
  CHECK(TextTemplate("a", "x{{/* c */}}").is_constant());
  CHECK_FALSE(TextTemplate("a", "x{{ 1 }}").is_constant());
}

TEST_CASE("text template: everything is bounded") {
  const auto repeated = [](const std::string& what, size_t times) {
    std::string all;
    for (size_t i = 0; i < times; ++i) all += what;
    return all;
  };
  CHECK(made("{{ " + repeated("(", 99) + "1" + repeated(")", 99) + " }}") == "1");
  CHECK(made("{{ " + repeated("(", 101) + "1" + repeated(")", 101) + " }}") ==
        "template: answer:1: max expression depth exceeded");
  CHECK(made("{{ 1" + repeated(" | len", 200) + " }}") ==
        "template: answer:1: max expression depth exceeded");
  CHECK(made(repeated("{{if 1}}", 101)) == "template: answer:1: too many {{if}} within each other");
  CHECK(made("{{if 1}}" + repeated("{{else if 1}}", 101) + "{{end}}") ==
        "template: answer:1: too many {{if}} within each other");
  CHECK(made("{{ and" + repeated(" 1", 17) + " }}") == "template: answer:1: too many arguments");
  CHECK(made(std::string(70'000, 'x')) == "template: answer: it is too long");
  CHECK(made(repeated("{{.Name}}", 7000)) == "template: answer: the text is too long");
}

}  // namespace fairlead::plugins::templates
