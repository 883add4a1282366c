#include "plugins/ready/ready.h"

#include <doctest/doctest.h>

#include "plugins/kubernetes/source_troubles.h"
#include "test/unit/support/pipe.h"

using namespace fairlead;

namespace {

struct Fixture {
  test::Pipe pipe;
  net::LogSink log{pipe.write.get()};
  plugins::ready::Readiness ready{log};

  std::string logged() {
    CHECK(log.flush(std::chrono::seconds(20)));
    return pipe.now();
  }
};

}  // namespace

TEST_CASE("ready: nothing to wait for is ready") {
  Fixture f;
  CHECK(f.ready.reply().status == 200);
  CHECK(f.ready.reply().body == "OK");
}

TEST_CASE("ready: the plugins that are not ready are named and logged") {
  Fixture f;
  f.ready.set_checks({{"kubernetes", [] { return false; }},
                      {"hosts", [] { return true; }},
                      {"erratic", [] { return false; }}},
                     false);
  const http::HttpReply reply = f.ready.reply();
  CHECK(reply.status == 503);
  CHECK(reply.body == "kubernetes,erratic");
  CHECK(f.logged() == "[INFO] plugin/ready: Plugins not ready: \"kubernetes,erratic\"\n");
}

TEST_CASE("ready: a plugin may say why") {
  Fixture f;
  bool up = false;
  f.ready.set_checks({{"kubernetes", [&up] { return up; }, [] { return "\nkubernetes: because"; }},
                      {"erratic", [] { return false; }}},
                     false);
  CHECK(f.ready.reply().body == "kubernetes,erratic\nkubernetes: because");
  CHECK(f.logged() == "[INFO] plugin/ready: Plugins not ready: \"kubernetes,erratic\"\n");
  up = true;
  CHECK(f.ready.reply().body == "erratic");
}

TEST_CASE("ready: what an API server says becomes one line of bounded length") {
  plugins::kubernetes::SourceTroubles troubles;
  CHECK(troubles.lines().empty());
  troubles.set(fairlead::zones::Kind::Pod, "cannot watch pods:\n403\r\x7f");
  troubles.set(fairlead::zones::Kind::Service, std::string(5000, 'x'));
  CHECK(troubles.lines() ==
        "\nkubernetes: " + std::string(plugins::kubernetes::SourceTroubles::kMaxText, 'x') +
            "...\nkubernetes: cannot watch pods: 403  ");
  troubles.set(fairlead::zones::Kind::Service, "");
  CHECK(troubles.lines() == "\nkubernetes: cannot watch pods: 403  ");
}

TEST_CASE("ready: until-ready asks no more, continuously does") {
  for (const bool continuously : {false, true}) {
    CAPTURE(continuously);
    Fixture f;
    bool up = false;
    f.ready.set_checks({{"kubernetes", [&up] { return up; }}}, continuously);
    CHECK(f.ready.reply().status == 503);
    up = true;
    CHECK(f.ready.reply().status == 200);
    up = false;
    CHECK(f.ready.reply().status == (continuously ? 503 : 200));
  }
}

TEST_CASE("ready: a new configuration starts unlatched") {
  Fixture f;
  f.ready.set_checks({{"kubernetes", [] { return true; }}}, false);
  CHECK(f.ready.reply().status == 200);
  f.ready.set_checks({{"kubernetes", [] { return false; }}}, false);
  CHECK(f.ready.reply().status == 503);
}

TEST_CASE("ready: shutting down says so") {
  Fixture f;
  f.ready.shut_down();
  CHECK(f.ready.reply().status == 503);
  CHECK(f.ready.reply().body == "Shutting down");
}
