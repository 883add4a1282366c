// The table of reactions, second half: watches that have begun.
#include "test/unit/k8s-watch/reflector_port.h"

namespace fairlead::k8s_watch {
namespace {

using namespace test;

TEST_CASE_FIXTURE(
    Fixture,
    "reflector: a watch that cannot connect, or gets 429, is tried again from the same version") {
  sync();
  reflector.event(object("b", "11"));
  reflector.ended("");
  port.take();
  CHECK(next(0ms) == Strings{watch_from("11")});
  reflector.ended("connecting: Connection refused");
  CHECK(wait() > 0ms);
  CHECK(next() == Strings{watch_from("11")});
  refuse(429);
  CHECK(wait() > 0ms);
  CHECK(next() == Strings{watch_from("11")});
  CHECK(port.logs == Strings{"watching services: connecting: Connection refused",
                             "cannot watch services: 429 no"});
  reflector.accepted();
  CHECK(port.logs.back() == "watching services again");
}

TEST_CASE_FIXTURE(Fixture, "reflector: a watch refused for another reason is listed again") {
  for (const int code : {400, 403, 404, 410, 500}) {
    CAPTURE(code);
    Fixture f;
    f.list_and_watch();
    f.reflector.event(object("a", "21"));
    f.reflector.ended("");
    f.next();
    f.refuse(code);
    CHECK(f.wait() > 0ms);
    CHECK(f.next() ==
          Strings{"begin", "LIST resourceVersion=21&resourceVersionMatch=NotOlderThan"});
  }
}

TEST_CASE_FIXTURE(Fixture, "reflector: ERROR events") {
  const std::string relist = "LIST resourceVersion=20&resourceVersionMatch=NotOlderThan";
  const struct {
    int code;
    const char* reason;
    Strings after;
  } kCases[] = {
      {410, "Expired", {"begin", relist}},
      {410, "Gone", {"begin", relist}},
      {429, "TooManyRequests", {watch_from("20")}},
      {500, "InternalError", {"begin", relist}},
      {0, "", {"begin", relist}},
  };
  for (const auto& test : kCases) {
    CAPTURE(test.code);
    Fixture f;
    f.list_and_watch();
    f.reflector.event(error(test.code, test.reason));
    CHECK(f.port.take() == Strings{"cancel"});
    f.reflector.event(object("late", "30"));  // what the decoder had behind it
    CHECK(f.port.take() == Strings{});
    CHECK(f.wait() > 0ms);
    CHECK(f.next() == test.after);
    CHECK(f.port.logs.size() == 1);
  }
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: an ERROR event in a WatchList leads to a LIST, 429 to another WatchList") {
  reflector.start();
  reflector.accepted();
  reflector.event(error(429, "TooManyRequests", 3));
  CHECK(wait() >= 3s);
  port.take();
  CHECK(next() == Strings{"begin", kWatchList});
  reflector.accepted();
  reflector.event(error(500, "InternalError"));
  port.take();
  CHECK(next() == Strings{"begin", kList});
}

TEST_CASE_FIXTURE(Fixture, "reflector: a watch that cannot be decoded is listed again") {
  list_and_watch();
  reflector.undecodable("no JSON");
  CHECK(port.take() == Strings{"cancel"});
  CHECK(wait() > 0ms);
  CHECK(next() == Strings{"begin", "LIST resourceVersion=20&resourceVersionMatch=NotOlderThan"});
}

TEST_CASE_FIXTURE(
    Fixture,
    "reflector: a watch that ends goes on from the last version, at once when it ended regularly") {
  for (const char* how : {"", "the response is cut short", "nothing received for 45 s"}) {
    CAPTURE(how);
    Fixture f;
    f.list_and_watch();
    f.reflector.event(object("a", "21", Event::Type::Modified));
    f.reflector.event(bookmark("25"));
    f.reflector.ended(how);
    CHECK(f.port.take() == Strings{"+a"});
    CHECK((f.wait() > 0ms) == (*how != '\0'));
    CHECK(f.next(800ms) == Strings{watch_from("25")});
    CHECK(f.port.logs == Strings{});
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "reflector: an object left out moves the version of a watch, not of a list") {
  list();
  reflector.accepted();
  reflector.skipped("99");
  reflector.page_end("20", "");
  CHECK(port.take().back() == watch_from("20"));
  reflector.accepted();
  reflector.skipped("21");
  reflector.ended("");
  CHECK(next(0ms) == Strings{watch_from("21")});
}

TEST_CASE_FIXTURE(Fixture,
                  "reflector: a watch that ends within a second without a word is waited for") {
  list_and_watch();
  for (int i = 0; i < 4; ++i) {
    port.time += 900ms;
    reflector.ended("");
    CHECK(wait() > 0ms);
    CHECK(next() == Strings{watch_from("20", 38)});
    reflector.accepted();
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "reflector: watches that end within a second of a word are waited for, too") {
  list_and_watch();
  for (int i = 0; i < 4; ++i) {
    reflector.event(bookmark("20"));
    reflector.ended("");
    CHECK((wait() > 0ms) == (i > 0));
    next();
    reflector.accepted();
  }
}

TEST_CASE_FIXTURE(Fixture, "reflector: a bookmark without a version is none") {
  reflector.start();
  reflector.accepted();
  reflector.event(bookmark("", true));
  CHECK_FALSE(reflector.synced());
  reflector.event(bookmark("10", true));
  reflector.event(bookmark(""));
  port.take();
  reflector.ended("");
  CHECK(next() == Strings{watch_from("10", 38)});
}

TEST_CASE_FIXTURE(Fixture, "reflector: a version cannot become a part of the request's head") {
  sync();
  reflector.event(object("a", "1 HTTP/1.1\r\nX: &y"));
  port.take();
  reflector.ended("");
  CHECK(next() == Strings{watch_from("1%20HTTP%2F1.1%0D%0AX%3A%20%26y")});
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: a quiet watch is followed by a short one, which ends behind a bookmark") {
  list_and_watch();
  port.time += 45s;
  reflector.ended("nothing received for 45 s");
  CHECK(next(800ms) == Strings{watch_from("20", 38)});
  reflector.accepted();
  port.time += 38s;
  reflector.event(bookmark("33"));
  reflector.ended("");
  CHECK(next(0ms) == Strings{watch_from("33", 38)});
  reflector.accepted();
  reflector.event(object("a", "34"));
  port.take();
  port.time += 38s;
  reflector.ended("");
  CHECK(next(0ms) == Strings{watch_from("34", 450)});
}

TEST_CASE_FIXTURE(Fixture, "reflector: the length of a watch is drawn from five to ten minutes") {
  port.dice = 0;
  sync();
  reflector.event(object("a", "11"));
  port.take();
  reflector.ended("");
  CHECK(next() == Strings{watch_from("11", 300)});
  port.dice = 0.9999;
  reflector.accepted();
  reflector.event(object("a", "12"));
  port.take();
  reflector.ended("");
  CHECK(next() == Strings{watch_from("12", 600)});
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: a server that sends not even bookmarks is doubted, and listed again") {
  list_and_watch();
  port.time += 11min;
  for (int i = 0; i < 2; ++i) {
    port.take();
    port.time += 38s;
    reflector.ended("");
    if (i == 1) break;
    CHECK(next(0ms) == Strings{watch_from("20", 38)});
    reflector.accepted();
  }
  CHECK(next(0ms) == Strings{"begin", "LIST resourceVersion=20&resourceVersionMatch=NotOlderThan"});
  reflector.accepted();
  reflector.page_end("3", "");
  CHECK(port.take().front() == "end silence");
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: 401 has the credentials read again, and the request made again at once") {
  reflector.start();
  port.take();
  refuse(401, "Unauthorized");
  CHECK(port.renewals == 1);
  CHECK(port.logs == Strings{});
  CHECK(next(0ms) == Strings{"begin", kWatchList});
  refuse(401, "Unauthorized");
  CHECK(port.renewals == 2);
  CHECK(port.logs == Strings{"cannot watch services: 401 Unauthorized"});
  CHECK(wait() > 0ms);
  CHECK(next() == Strings{"begin", kWatchList});
  reflector.accepted();
  reflector.event(bookmark("10", true));
  reflector.event(object("a", "11"));
  reflector.ended("");
  next(0ms);
  refuse(401, "Unauthorized");
  CHECK(next(0ms) == Strings{watch_from("11")});
}

TEST_CASE_FIXTURE(Fixture, "reflector: 403 names verb and resource, and is tried again") {
  reflector.start();
  refuse(403, "services is forbidden: User \"x\" cannot watch resource \"services\"");
  REQUIRE(port.logs.size() == 1);
  CHECK(port.logs[0].find("cannot watch services: 403") == 0);
  CHECK(port.logs[0].find("verbs list and watch on services") != std::string::npos);
  port.take();
  CHECK(wait() > 0ms);
  CHECK(next() == Strings{"begin", kWatchList});
  CHECK_FALSE(reflector.synced());
  CHECK(port.trouble_now == port.logs[0]);
  reflector.accepted();
  CHECK_FALSE(port.trouble_now.empty());
  reflector.event(bookmark("10", true));
  CHECK(port.trouble_now.empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "reflector: everything is listed again every 45 minutes or so, without a pause "
                  "in what is known") {
  list_and_watch();
  CHECK(wait() == 45min);
  reflector.wake();  // too early
  CHECK(port.take() == Strings{});
  // A server that knew no WatchList may know it now.
  CHECK(next(45min) == Strings{"cancel", "begin", kWatchList});
  CHECK(reflector.synced());
  reflector.accepted();
  reflector.event(bookmark("40", true));
  CHECK(port.take() == Strings{"end consistency"});
  CHECK(wait() == 45min);
}

TEST_CASE_FIXTURE(
    Fixture, "reflector: when that list fails, the watch goes on, and the list is tried later") {
  for (const int code : {403, 429, 500}) {
    CAPTURE(code);
    Fixture f;
    f.sync();
    f.next(45min);
    f.refuse(code);
    CHECK(f.wait() > 0ms);
    CHECK(f.next() == Strings{watch_from("10")});
    f.reflector.accepted();
    f.reflector.event(object("a", "11"));
    CHECK(f.port.take() == Strings{"+a"});
    CHECK(f.next(10min) == Strings{"cancel", "begin", kWatchList});
  }
}

TEST_CASE_FIXTURE(Fixture, "reflector: what was known stays known while the API server is away") {
  sync();
  for (int i = 0; i < 50; ++i) {
    reflector.ended("connecting: Connection refused");
    port.take();
    next();
  }
  CHECK(reflector.synced());
  CHECK_FALSE(reflector.listing());
  CHECK(port.take() == Strings{});
}

TEST_CASE_FIXTURE(Fixture, "reflector: what comes when nothing was asked for is ignored") {
  list_and_watch();
  reflector.event(error(500, "InternalError"));
  port.take();
  const auto due = reflector.deadline();
  reflector.event(object("a", "99"));
  reflector.event(bookmark("99", true));
  reflector.event(error(410, "Gone"));
  reflector.undecodable("no JSON");
  reflector.ended("cut");
  reflector.page_end("99", "");
  refuse(410);
  CHECK(port.take() == Strings{});
  CHECK(reflector.deadline() == due);
}

}  // namespace
}  // namespace fairlead::k8s_watch
