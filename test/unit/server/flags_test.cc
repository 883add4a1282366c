#include "server/flags.h"

#include <doctest/doctest.h>

using namespace fairlead;

namespace {

server::Flags flags_of(const std::vector<std::string>& arguments) {
  const auto result = server::parse_flags(arguments);
  REQUIRE(std::holds_alternative<server::Flags>(result));
  return std::get<server::Flags>(result);
}

server::UsageError error_of(const std::vector<std::string>& arguments) {
  const auto result = server::parse_flags(arguments);
  REQUIRE(std::holds_alternative<server::UsageError>(result));
  return std::get<server::UsageError>(result);
}

}  // namespace

TEST_CASE("flags: defaults") {
  const server::Flags flags = flags_of({});
  CHECK(flags.conf.empty());
  CHECK(flags.port == 53);
  CHECK(flags.pidfile.empty());
  CHECK_FALSE((flags.plugins || flags.quiet || flags.version || flags.check || flags.help));
}

TEST_CASE("flags: the four forms of a value") {
  const std::vector<std::vector<std::string>> forms = {
      {"-conf", "f"}, {"-conf=f"}, {"--conf", "f"}, {"--conf=f"}, {"-conf", "x", "-conf", "f"}};
  for (const auto& form : forms) {
    CAPTURE(form[0]);
    CHECK(flags_of(form).conf == "f");
  }
  CHECK(flags_of({"-conf", "-quiet"}).conf == "-quiet");
  CHECK(flags_of({"-conf="}).conf.empty());
  CHECK(flags_of({"-conf=a=b"}).conf == "a=b");
  CHECK(flags_of({"-conf", "stdin"}).conf == "stdin");
}

TEST_CASE("flags: every name") {
  CHECK(flags_of({"-dns.port", "1053"}).port == 1053);
  CHECK(flags_of({"-p", "1053"}).port == 1053);
  CHECK(flags_of({"-p=0"}).port == 0);
  CHECK(flags_of({"-pidfile", "/run/x"}).pidfile == "/run/x");
  CHECK(flags_of({"-plugins"}).plugins);
  CHECK(flags_of({"-quiet"}).quiet);
  CHECK(flags_of({"-version"}).version);
  CHECK(flags_of({"-check"}).check);
  CHECK(flags_of({"-translate-kube-dns", "-"}).translate_kube_dns == "-");
  CHECK(flags_of({"-help"}).help);
  CHECK(flags_of({"-h"}).help);
  CHECK(flags_of({"--quiet", "-conf", "f", "--check"}).quiet);
}

TEST_CASE("flags: switches take a value only after an equals sign") {
  CHECK(flags_of({"-quiet=true"}).quiet);
  CHECK(flags_of({"-quiet=T"}).quiet);
  CHECK_FALSE(flags_of({"-quiet=0"}).quiet);
  CHECK_FALSE(flags_of({"-quiet", "-quiet=false"}).quiet);
  CHECK(error_of({"-quiet", "true"}).message == "extra command line arguments: [true]");
}

TEST_CASE("flags: mistakes in Go's words") {
  const struct {
    std::vector<std::string> arguments;
    const char* message;
    int exit_code;
    bool show_usage;
  } cases[] = {
      {{"-foo"}, "flag provided but not defined: -foo", 2, true},
      {{"--foo=1"}, "flag provided but not defined: -foo", 2, true},
      {{"-conf"}, "flag needs an argument: -conf", 2, true},
      {{"---conf"}, "bad flag syntax: ---conf", 2, true},
      {{"-=x"}, "bad flag syntax: -=x", 2, true},
      {{"-quiet=maybe"}, "invalid boolean value \"maybe\" for -quiet: parse error", 2, true},
      {{"-p", "x"}, "invalid value \"x\" for flag -p: parse error", 2, true},
      {{"-p", "65536"}, "invalid value \"65536\" for flag -p: parse error", 2, true},
      {{"-dns.port="}, "invalid value \"\" for flag -dns.port: parse error", 2, true},
      {{"-translate-kube-dns="},
       "invalid value \"\" for flag -translate-kube-dns: a file is needed",
       2,
       true},
      {{"a", "b"}, "extra command line arguments: [a b]", 1, false},
      {{"explian", "web"}, "unknown command \"explian\", did you mean \"explain\"?", 2, false},
      {{"-conf", "f", "explain", "web"},
       "the command \"explain\" stands in front of all flags",
       2,
       false},
      {{"-quiet", "--", "-x"}, "extra command line arguments: [-x]", 1, false},
      {{"-"}, "extra command line arguments: [-]", 1, false},
      {{""}, "extra command line arguments: []", 1, false},
  };
  for (const auto& c : cases) {
    CAPTURE(c.message);
    const server::UsageError error = error_of(c.arguments);
    CHECK(error.message == c.message);
    CHECK(error.exit_code == c.exit_code);
    CHECK(error.show_usage == c.show_usage);
  }
}

TEST_CASE("flags: the usage names every flag") {
  const std::string text = server::usage_text("fairlead");
  CHECK(text.starts_with("Usage of fairlead:\n"));
  for (const char* flag :
       {"  -check\n", "  -conf string\n", "  -dns.port string\n", "  -log-format string\n",
        "  -p string\n", "  -pidfile string\n", "  -plugins\n", "  -quiet\n",
        "  -translate-kube-dns string\n", "  -version\n", "  -help\n"}) {
    CAPTURE(flag);
    CHECK(text.find(flag) != std::string::npos);
  }
  CHECK(text.find("Commands, in front of all flags:\n  explain NAME [TYPE] [flags]\n") !=
        std::string::npos);
}
