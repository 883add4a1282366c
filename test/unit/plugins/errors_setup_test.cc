#include <doctest/doctest.h>
#include <re2/re2.h>

#include "expression/pattern.h"
#include "plugins/errors/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::errors {
using namespace fairlead::plugins::testing;

namespace {

const auto kRun = [](auto& cursor, const auto&) { return errors::parse(cursor); };

errors::Options options_of(const std::string& lines) {
  return with_directive("errors", lines, kRun);
}

}  // namespace

TEST_CASE("errors: options") {
  CHECK(options_of("errors") == errors::Options{});
  CHECK(options_of("errors stdout") == errors::Options{});
  CHECK(options_of("errors {\nstacktrace\n}").stacktrace);
  const errors::Options options = options_of(
      "errors {\nconsolidate 5m \".* i/o timeout$\" warning\nconsolidate 30s \"^Failed to .+\" "
      "info show_first\n"
      "consolidate 1s x\nconsolidate 1s y debug\nconsolidate 1s z show_first\n}");
  const std::chrono::seconds second(1);
  CHECK(options.consolidate == std::vector<errors::Consolidate>{
                                   {300 * second, ".* i/o timeout$", errors::Level::Warning, false},
                                   {30 * second, "^Failed to .+", errors::Level::Info, true},
                                   {second, "x", errors::Level::Error, false},
                                   {second, "y", errors::Level::Debug, false},
                                   {second, "z", errors::Level::Error, true}});
}

TEST_CASE("errors: mistakes") {
  std::string many = "errors {\n";
  for (int i = 0; i < 101; ++i) many += "consolidate 1s x\n";
  const BadLine cases[] = {
      {"errors\nerrors", "3" + kOnce},
      {"errors a b", arguments_after(2, "b")},
      {"errors stderr", parsing(2, "invalid log file: stderr")},
      {"errors {\nstacktrace x\n}", arguments_after(3, "x")},
      {"errors {\nconsolidate 5m\n}", arguments_after(3, "5m")},
      {"errors {\nconsolidate 5m a info show_first x\n}", arguments_after(3, "x")},
      {"errors {\nconsolidate 5 a\n}", parsing(3, "time: missing unit in duration \"5\"")},
      {"errors {\nconsolidate 0s a\n}", parsing(3, "consolidate period must be positive: 0s")},
      {"errors {\nconsolidate 5m a loud\n}", parsing(3, "unknown option in consolidate: loud")},
      {"errors {\nconsolidate 5m a info loud\n}",
       parsing(3, "unknown option in consolidate: loud")},
      {"errors {\nconsolidate 5m a warning error\n}",
       parsing(3, "multiple log levels specified in consolidate")},
      {"errors {\nconsolidate 5m a show_first warning\n}",
       parsing(3, "log level must come before show_first in consolidate")},
      {"errors {\nconsolidate 5m " + std::string(10'001, 'a') + "\n}",
       parsing(3, "regex pattern too long: 10001 > 10000")},
      {"errors {\nother\n}", parsing(3, "unknown property 'other'")},
      {many + "}", parsing(103, "too many consolidate lines")},
  };
  check_mistakes("errors", cases, kRun);
}

TEST_CASE("errors: what is no expression is an error, and never more than that") {
  for (const std::string& pattern :
       {std::string("a("), std::string("[z-a]"), std::string("a**"), std::string("(?=a)"),
        std::string("x{1001}"), std::string("((a{100}){100}){100}"),
        std::string(errors::kMaxPattern, '(')}) {
    CAPTURE(pattern);
    CHECK(setup_error("errors", "errors {\nconsolidate 5m \"" + pattern + "\"\n}", kRun)
              .starts_with("3 - Error during parsing: error parsing regexp: "));
  }
}

TEST_CASE("errors: a pattern of any length that is allowed can be compiled") {
  const size_t half = errors::kMaxPattern / 2;
  for (const std::string& pattern :
       {std::string(errors::kMaxPattern, 'a'),
        std::string(half - 1, '(') + "a" + std::string(half - 1, ')')}) {
    CHECK(setup_error("errors", "errors {\nconsolidate 5m " + pattern + "\n}", kRun).empty());
  }
}

TEST_CASE("errors: expressions are those of Go") {
  const struct {
    const char* pattern;
    const char* text;
    bool matches;
  } cases[] = {
      {"(?i)i/o timeout$", "read udp: I/O Timeout", true},
      {"i/o timeout$", "read udp: I/O Timeout", false},
      {"read (?i:UDP)", "read udp", true},
      {R"(^\pL+$)", "größe", true},
      {R"(^\pL+$)", "4711", false},
      {R"(^(?P<first>a)(?P<rest>[[:digit:]]*)\z)", "a12", true},
      {R"(\Qa.b\E)", "axb", false},
      {"(?s)a.b", "a\nb", true},
  };
  for (const auto& c : cases) {
    CAPTURE(c.pattern);
    const auto pattern = expression::compile_pattern(c.pattern);
    REQUIRE(pattern->ok());
    CHECK(re2::RE2::PartialMatch(c.text, *pattern) == c.matches);
  }
}

}  // namespace fairlead::plugins::errors
