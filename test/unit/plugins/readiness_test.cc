#include "plugins/readiness.h"

#include <doctest/doctest.h>

#include "plugins/kubernetes/source_troubles.h"

namespace fairlead::plugins {
namespace {

plugins::Readiness serving() {
  plugins::Readiness readiness;
  readiness.set_serving();
  return readiness;
}

}  // namespace

TEST_CASE("readiness: nothing to wait for is ready") {
  CHECK(serving().ask().missing.empty());
}

TEST_CASE("readiness: before anything is served nothing is ready") {
  plugins::Readiness readiness;
  readiness.set({{"kubernetes", [] { return true; }, {}}}, {});
  CHECK(readiness.ask().missing == "kubernetes");
  readiness.set_serving();
  CHECK(readiness.ask().missing.empty());
}

TEST_CASE("readiness: directives that are not ready are named, and may say why") {
  plugins::Readiness readiness = serving();
  bool up = false;
  readiness.set({{"kubernetes", [&up] { return up; }, [] { return "\nkubernetes: because"; }},
                 {"hosts", [] { return true; }, {}},
                 {"erratic", [] { return false; }, {}}},
                {});
  CHECK(readiness.ask().missing == "erratic,kubernetes");
  CHECK(readiness.ask().why == "\nkubernetes: because");
  up = true;
  CHECK(readiness.ask().missing == "erratic");
  CHECK(readiness.ask().why.empty());
}

TEST_CASE("readiness: what two blocks wait for is told once") {
  plugins::Readiness readiness = serving();
  const plugins::ReadyCheck check{"kubernetes", [] { return false; },
                                  [] { return "\nkubernetes: because"; }};
  readiness.set({check, check}, {});
  CHECK(readiness.ask().missing == "kubernetes");
  CHECK(readiness.ask().why == "\nkubernetes: because");
}

TEST_CASE("readiness: notes are told once, whoever has them") {
  plugins::Readiness readiness;
  readiness.set({}, {[] { return "\na"; }, [] { return "\nb"; }, [] { return "\na"; }});
  CHECK(readiness.notes() == "\na\nb");
}

TEST_CASE("readiness: a reload that failed is a note of one line until it is over") {
  plugins::Readiness readiness;
  readiness.set({}, {[] { return "\na"; }});
  readiness.set_reload_trouble("Corefile:1 - \nwrong");
  CHECK(readiness.reload_note() == "\nreload: Corefile:1 -  wrong");
  CHECK(readiness.notes() == "\nreload: Corefile:1 -  wrong\na");
  readiness.set({}, {});  // another configuration is served
  CHECK(readiness.notes() == "\nreload: Corefile:1 -  wrong");
  readiness.set_reload_trouble(std::string(5000, 'x'));
  CHECK(readiness.notes().size() < 600);
  readiness.set_reload_trouble("");
  CHECK(readiness.notes().empty());
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

TEST_CASE("readiness: until-ready asks no more, continuously does") {
  for (const bool continuously : {false, true}) {
    CAPTURE(continuously);
    plugins::Readiness readiness = serving();
    readiness.ask_continuously(continuously);
    bool up = false;
    readiness.set({{"kubernetes", [&up] { return up; }, {}}}, {});
    CHECK(readiness.ask().missing == "kubernetes");
    up = true;
    CHECK(readiness.ask().missing.empty());
    up = false;
    CHECK(readiness.ask().missing == (continuously ? "kubernetes" : ""));
  }
}

TEST_CASE("readiness: a new configuration starts unlatched") {
  plugins::Readiness readiness = serving();
  readiness.set({{"kubernetes", [] { return true; }, {}}}, {});
  CHECK(readiness.ask().missing.empty());
  readiness.set({{"kubernetes", [] { return false; }, {}}}, {});
  CHECK(readiness.ask().missing == "kubernetes");
}

}  // namespace fairlead::plugins
