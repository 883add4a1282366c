// The table of reactions, first half: lists, failures and waits.
#include "test/unit/k8s-watch/reflector_port.h"

namespace fairlead::k8s_watch {
namespace {

using namespace test;

TEST_CASE_FIXTURE(Fixture, "reflector: a WatchList brings the objects and goes on as a watch") {
  reflector.start();
  CHECK(port.take() == Strings{"begin", kWatchList});
  CHECK(reflector.listing());
  reflector.accepted();
  reflector.event(object("a", "3"));
  reflector.event(object("b", "7"));
  CHECK_FALSE(reflector.synced());
  reflector.event(bookmark("10", true));
  CHECK(reflector.synced());
  CHECK_FALSE(reflector.listing());
  CHECK(port.take() == Strings{"+a", "+b", "end start"});
  reflector.event(object("b", "11", Event::Type::Modified));
  reflector.event(object("a", "12", Event::Type::Deleted));
  CHECK(port.take() == Strings{"+b", "-a"});
  port.time += 450s;
  reflector.ended("");
  CHECK(next(0ms) == Strings{watch_from("12")});
  CHECK(port.logs == Strings{});
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: versions of initial events and bookmarks before their end are not used") {
  reflector.start();
  reflector.accepted();
  reflector.event(object("a", "99"));
  reflector.event(bookmark("5"));
  port.take();
  reflector.ended("cut");
  CHECK(next() == Strings{"begin", kList});  // no version yet
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: a server that takes a WatchList for a watch is listed after a minute") {
  reflector.start();
  reflector.accepted();
  reflector.event(object("a", "3"));
  port.take();
  CHECK(wait() == 1min);
  reflector.wake();  // too early
  CHECK(port.take() == Strings{});
  CHECK(next(1min) == Strings{"cancel"});
  reflector.event(object("b", "4"));  // what the decoder had behind it
  CHECK(next(0ms) == Strings{"begin", kList});
  CHECK_FALSE(reflector.synced());
}

TEST_CASE_FIXTURE(Fixture, "reflector: a server without WatchList is listed in pages and watched") {
  for (const int code : {400, 404, 405, 406, 422}) {
    CAPTURE(code);
    Fixture f;
    f.reflector.start();
    f.port.take();
    f.refuse(code);
    CHECK(f.next(0ms) == Strings{"begin", kList});
    f.reflector.accepted();
    f.reflector.event(object("a", "3"));
    f.reflector.page_end("20", "to ken");
    CHECK(f.port.take() == Strings{"+a", "LIST limit=500&continue=to%20ken"});
    f.reflector.accepted();
    f.reflector.event(object("b", "90"));
    CHECK_FALSE(f.reflector.synced());
    f.reflector.page_end("20", "");
    CHECK(f.port.take() == Strings{"+b", "end start", watch_from("20")});
    CHECK(f.reflector.synced());
    CHECK(f.port.logs == Strings{});
  }
}

TEST_CASE_FIXTURE(
    Fixture,
    "reflector: a WatchList that fails with another error is tried as a LIST, after a wait") {
  reflector.start();
  refuse(500);
  CHECK(wait() > 0ms);
  CHECK(wait() <= 800ms);
  port.take();
  CHECK(next() == Strings{"begin", kList});
}

TEST_CASE_FIXTURE(
    Fixture,
    "reflector: a LIST that is too old or too new is asked for without a version, at once") {
  for (const bool too_old : {true, false}) {
    CAPTURE(too_old);
    Fixture f;
    f.list_and_watch();
    f.reflector.event(error(410, "Expired"));
    CHECK(f.port.take() == Strings{"cancel"});
    CHECK(f.next() ==
          Strings{"begin", "LIST resourceVersion=20&resourceVersionMatch=NotOlderThan"});
    if (too_old) {
      f.refuse(410);
    } else {
      f.refuse(504, "Timeout: Too large resource version: 20, current: 3", 1);
    }
    CHECK(f.next(0ms) == Strings{"begin", "LIST limit=500"});
    // The same answer to a list without a version is an error like any other.
    f.refuse(410);
    CHECK(f.wait() > 0ms);
    CHECK(f.next() == Strings{"begin", "LIST limit=500"});
    f.reflector.accepted();
    f.reflector.page_end("4", "");
    CHECK(f.port.take() == Strings{"end expired", watch_from("4")});
  }
}

TEST_CASE_FIXTURE(Fixture, "reflector: an expired continue token begins the list anew") {
  list();
  reflector.accepted();
  reflector.page_end("20", "token");
  port.take();
  refuse(410);
  CHECK(next(0ms) == Strings{"begin", "LIST limit=500"});
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: a broken page is asked for again, a broken first page is another list") {
  list();
  reflector.accepted();
  reflector.ended("cut");
  CHECK(next() == Strings{"begin", kList});
  reflector.accepted();
  reflector.page_end("20", "token");
  port.take();
  reflector.ended("cut");
  CHECK(next() == Strings{"LIST limit=500&continue=token"});
  CHECK(port.logs.size() == 2);
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: a LIST that cannot be decoded, or without a version, is listed again") {
  list();
  reflector.accepted();
  reflector.undecodable("no JSON");
  CHECK(port.take() == Strings{"cancel"});
  CHECK(wait() > 0ms);
  CHECK(next() == Strings{"begin", kList});
  reflector.accepted();
  reflector.page_end("", "");
  CHECK_FALSE(reflector.synced());
  port.take();
  CHECK(next() == Strings{"begin", kList});
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: failures back off up to 30 s, and begin anew after two healthy minutes") {
  port.dice = 0.999;
  reflector.start();
  std::vector<long> waits;
  for (int i = 0; i < 8; ++i) {
    reflector.ended("connecting: Connection refused");
    waits.push_back(wait().count() / 100);
    next();
  }
  CHECK(waits == std::vector<long>{7, 15, 31, 63, 127, 255, 299, 299});
  port.time += 121s;
  reflector.ended("connecting: Connection refused");
  CHECK(wait() < 800ms);
  CHECK(port.logs.front() == "listing services: connecting: Connection refused");
}

TEST_CASE_FIXTURE(Fixture, "reflector: Retry-After is honoured, and the same request made again") {
  for (const int code : {429, 500, 503}) {
    CAPTURE(code);
    Fixture f;
    f.reflector.start();
    f.port.take();
    f.refuse(code, "busy", 7);
    CHECK(f.wait() >= 7s);
    CHECK(f.wait() <= 8s);
    CHECK(f.next() == Strings{"begin", kWatchList});

    Fixture g;
    g.list_and_watch();
    g.reflector.event(object("a", "21"));
    g.reflector.ended("");
    g.next();
    g.refuse(code, "busy", 7);
    CHECK(g.wait() >= 7s);
    g.port.take();
    CHECK(g.next() == Strings{watch_from("21")});
  }
}

TEST_CASE_FIXTURE(Fixture, "reflector: an absurd Retry-After is cut") {
  reflector.start();
  refuse(429, "busy", 1'000'000);
  CHECK(wait() <= 121s);
}

TEST_CASE("reflector: of an optional resource that the server does not know there is nothing") {
  Port port;
  Reflector reflector("serviceimports", port, true);
  const auto refuse = [&](int code) { reflector.refused(code, {code, "", "no", 0}, 0); };
  const auto next = [&](std::chrono::milliseconds after) {
    REQUIRE(reflector.deadline().has_value());
    CHECK(*reflector.deadline() - port.time == after);
    port.time = *reflector.deadline();
    reflector.wake();
    return port.take();
  };
  reflector.start();
  refuse(404);
  CHECK_FALSE(reflector.synced());  // it may be WatchList that is not known
  port.take();
  CHECK(next(0s) == Strings{"begin", kList});
  refuse(404);
  CHECK(reflector.synced());
  CHECK(port.take() == Strings{"begin", "end absent"});
  CHECK(next(30s) == Strings{"begin", kList});
  refuse(404);
  CHECK(port.logs == Strings{"the API server knows no serviceimports: there are none"});
  CHECK(port.trouble_now.empty());
  port.take();
  next(30s);
  reflector.accepted();
  reflector.event(object("a", "3"));
  reflector.page_end("20", "");
  CHECK(port.take() == Strings{"+a", "end start", watch_from("20")});
  CHECK(port.logs.back() == "the API server knows serviceimports now");
  refuse(404);  // it was taken away
  CHECK(port.take() == Strings{"begin", "end absent"});
}

TEST_CASE("reflector: an optional resource that may not be read is a trouble all the same") {
  Port port;
  Reflector reflector("serviceimports", port, true);
  reflector.start();
  reflector.refused(403, {403, "Forbidden", "no", 0}, 0);
  CHECK_FALSE(reflector.synced());
  CHECK(reflector.failing());
  CHECK_FALSE(port.trouble_now.empty());
}

}  // namespace
}  // namespace fairlead::k8s_watch
