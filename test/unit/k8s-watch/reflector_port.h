// What the reflector's tests share: a port that writes down what is done, and a clock that is moved
// by hand.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "k8s-watch/reflector.h"

namespace fairlead::k8s_watch::test {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

// Writes down what the reflector does; time stands still unless moved.
struct Port : ReflectorPort {
  Strings done, logs;
  std::string trouble_now;
  Clock::time_point time{1h};
  double dice = 0.5;
  int renewals = 0;

  void start(const ApiRequest& request) override {
    done.push_back((request.verb == ApiRequest::Verb::List ? "LIST " : "WATCH ") + request.query);
  }
  void cancel() override { done.emplace_back("cancel"); }
  void begin_relist() override { done.emplace_back("begin"); }
  void apply(Event&& event) override {
    done.push_back((event.type == Event::Type::Deleted ? "-" : "+") + event.key.name);
  }
  void end_relist(const std::string& reason) override { done.push_back("end " + reason); }
  void renew_credentials() override { ++renewals; }
  void log(LogLevel level, const std::string& text) override {
    if (level != LogLevel::Debug) logs.push_back(text);
  }
  void trouble(const std::string& text) override { trouble_now = text; }
  Clock::time_point now() override { return time; }
  double random() override { return dice; }

  Strings take() { return std::exchange(done, {}); }
};

inline const char* const kWatchList =
    "WATCH "
    "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    "&timeoutSeconds=450";
inline const char* const kList = "LIST limit=500&resourceVersion=0";

inline std::string watch_from(const std::string& version, int seconds = 450) {
  return "WATCH watch=true&allowWatchBookmarks=true&resourceVersion=" + version +
         "&timeoutSeconds=" + std::to_string(seconds);
}

inline Event object(const std::string& name, const std::string& version,
                    Event::Type type = Event::Type::Added) {
  Event event;
  event.type = type;
  event.key = {"default", name};
  event.resource_version = version;
  return event;
}

inline Event bookmark(const std::string& version, bool end = false) {
  Event event;
  event.type = Event::Type::Bookmark;
  event.resource_version = version;
  event.initial_events_end = end;
  return event;
}

inline Event error(int code, const std::string& reason, int retry_after = 0) {
  Event event;
  event.type = Event::Type::Error;
  event.status = {code, reason, "message of " + reason, retry_after};
  return event;
}

struct Fixture {
  Port port;
  Reflector reflector{"services", port};

  // What comes next, once the wait (of at most `limit`) is over. Says nothing when nothing is
  // waited for.
  Strings next(std::chrono::milliseconds limit = 30s) {
    const auto due = reflector.deadline();
    REQUIRE(due.has_value());
    CHECK(*due - port.time <= limit);
    port.time = std::max(port.time, *due);
    reflector.wake();
    return port.take();
  }

  [[nodiscard]] std::chrono::milliseconds wait() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(reflector.deadline().value() -
                                                                 port.time);
  }

  void refuse(int code, const std::string& message = "no", int retry_after = 0) {
    reflector.refused(code, {code, "", message, 0}, retry_after);
  }

  // Through a WatchList to a watch from version 10.
  void sync() {
    reflector.start();
    reflector.accepted();
    reflector.event(object("a", "3"));
    reflector.event(bookmark("10", true));
    port.take();
  }

  // To a LIST, on a server without WatchList.
  void list() {
    reflector.start();
    refuse(422);
    next(0ms);
  }

  // By a LIST to a watch from version 20, whose response has begun.
  void list_and_watch() {
    list();
    reflector.accepted();
    reflector.page_end("20", "");
    reflector.accepted();
    port.take();
  }
};

}  // namespace fairlead::k8s_watch::test
