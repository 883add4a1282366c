#include <doctest/doctest.h>

#include "plugins/hosts/setup.h"
#include "test/unit/plugins/setup_support.h"

namespace fairlead::plugins::hosts {
using namespace fairlead::plugins::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const auto kRun = [](auto& cursor, const auto& context) { return hosts::parse(cursor, context); };

const std::map<std::string, std::string> kFiles = {
    {"/etc/coredns/NodeHosts", "10.0.0.1 node-1\n"}, {"/root/a.hosts", ""}, {"/folder/", ""}};

hosts::Options options_of(const std::string& lines) {
  return with_directive("hosts", lines, kRun, kFiles);
}

std::vector<std::string> warnings_of(const std::string& lines) {
  const auto run = [](auto& cursor, const auto& context) {
    hosts::parse(cursor, context);
    return cursor.warnings();
  };
  return with_directive("hosts", lines, run, kFiles);
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("hosts: defaults") {
  hosts::Options expected;
  expected.zones = {"example.org."};
  CHECK(options_of("hosts") == expected);
  CHECK(expected.path == "/etc/hosts");
  CHECK(expected.ttl == 3600);
  CHECK(expected.reload == seconds(5));
  CHECK(expected.reverse);
  CHECK(expected.fall_through.empty());
}

TEST_CASE("hosts: file, zones and options") {
  const hosts::Options k3s =
      options_of("hosts /etc/coredns/NodeHosts {\nttl 60\nreload 15s\nfallthrough\n}");
  CHECK(k3s.path == "/etc/coredns/NodeHosts");
  CHECK(k3s.ttl == 60);
  CHECK(k3s.reload == seconds(15));
  CHECK(k3s.fall_through == Words{"."});
  CHECK(options_of("hosts /etc/hosts Example.NET 10.0.0.0/8").zones ==
        Words{"example.net.", "10.in-addr.arpa."});
  CHECK(options_of("hosts {\nno_reverse\n}").reverse == false);
  CHECK(options_of("hosts {\nreload 0\n}").reload == seconds(0));
  CHECK(options_of("hosts {\nreload 300ms\n}").reload == milliseconds(300));
  CHECK(options_of("hosts {\nttl 1\n}").ttl == 1);
  CHECK(options_of("hosts {\nttl 65535\n}").ttl == 65535);
  CHECK(options_of("hosts {\nfallthrough A.b c\n}").fall_through == Words{"a.b.", "c."});
  CHECK(options_of("hosts {\nfallthrough_unsupported\nfallthrough\n}").fall_through_unsupported);
}

TEST_CASE("hosts: a relative file stands below the root") {
  const auto run = [](auto& cursor, const auto& context) {
    auto rooted = context;
    rooted.root_dir = "/root";
    return hosts::parse(cursor, rooted);
  };
  CHECK(with_directive("hosts", "hosts a.hosts", run, kFiles).path == "/root/a.hosts");
  CHECK(with_directive("hosts", "hosts /a.hosts", run, kFiles).path == "/a.hosts");
}

TEST_CASE("hosts: inline lines, before fallthrough only") {
  const hosts::Options minikube = options_of(
      "hosts {\n192.168.65.2 host.minikube.internal\n::1 a  b\nttl 60\n10.0.0.1 c\nfallthrough\n}");
  CHECK(minikube.inline_text == "192.168.65.2 host.minikube.internal\n::1 a b\n10.0.0.1 c\n");
  CHECK(minikube.ttl == 60);
}

TEST_CASE("hosts: warnings") {
  CHECK(warnings_of("hosts").empty());
  CHECK(warnings_of("hosts /etc/coredns/NodeHosts").empty());
  CHECK(warnings_of("hosts /none") == Words{"File does not exist: /none"});
  CHECK(warnings_of("hosts /folder") == Words{"Hosts file \"/folder\" is a directory"});
  CHECK(warnings_of("hosts {\nttll 60\n10.0.0.1 a..b c\n}") ==
        Words{"Corefile:3: 'ttll' is not an IP address, the line is ignored",
              "Corefile:4: 'a..b' is not a host name, it is ignored"});
}

TEST_CASE("hosts: mistakes") {
  const BadLine cases[] = {
      {"hosts\nhosts", "3" + kOnce},
      {"hosts /etc/hosts a..b", parsing(2, "zone is not a valid domain name: a..b")},
      {"hosts {\nttl\n}", parsing(3, "ttl needs a time in second")},
      {"hosts {\nttl x\n}", parsing(3, "ttl needs a number of second")},
      {"hosts {\nttl 0\n}", parsing(3, "ttl provided is invalid")},
      {"hosts {\nttl -1\n}", parsing(3, "ttl provided is invalid")},
      {"hosts {\nttl 65536\n}", parsing(3, "ttl provided is invalid")},
      {"hosts {\nreload\n}", parsing(3, "reload needs a duration (zero seconds to disable)")},
      {"hosts {\nreload 1s 2s\n}", parsing(3, "reload needs a duration (zero seconds to disable)")},
      {"hosts {\nreload x\n}", parsing(3, "invalid duration for reload 'x'")},
      {"hosts {\nreload -1s\n}", parsing(3, "invalid negative duration for reload '-1s'")},
      {"hosts {\nno_reverse x\n}", arguments_after(3, "x")},
      {"hosts {\nfallthrough a..b\n}", parsing(3, "zone is not a valid domain name: a..b")},
      {"hosts {\nfallthrough_unsupported x\n}", arguments_after(3, "x")},
      {"hosts {\nfallthrough_unsupported\n}",
       parsing(4, "fallthrough_unsupported requires fallthrough")},
      {"hosts {\nfallthrough\n10.0.0.1 a\n}", parsing(4, "unknown property '10.0.0.1'")},
      {"hosts {\nfallthrough\nother\n}", parsing(4, "unknown property 'other'")},
  };
  check_mistakes("hosts", cases, kRun);
}

TEST_CASE("hosts: a file that cannot be looked at") {
  class Denied final : public fairlead::corefile::FileReader {
   public:
    [[nodiscard]] std::optional<fairlead::corefile::FileText> read(
        const std::string&) const override {
      return fairlead::corefile::FileText{{}, "Permission denied"};
    }
    [[nodiscard]] std::vector<std::string> glob(const std::string&) const override { return {}; }
    [[nodiscard]] std::string working_directory() const override { return "/"; }
  };
  const auto run = [](auto& cursor, const auto& context) {
    const Denied files;
    auto denied = context;
    denied.files = &files;
    return hosts::parse(cursor, denied);
  };
  CHECK(setup_error("hosts", "hosts /secret/hosts", run) ==
        parsing(2, "unable to access hosts file '/secret/hosts': Permission denied"));
}

}  // namespace fairlead::plugins::hosts
