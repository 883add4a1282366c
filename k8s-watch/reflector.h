// The list/watch state machine of one kind of object: which request comes next after everything an
// API server may say. Pure: no socket, no clock, no timer; it is told what happened and says
// through its port what to do.
//
// It begins with a WatchList (KEP-3157: one stream that first sends what exists, then the changes),
// falls back to a paged LIST and a WATCH, and goes on from the last resourceVersion as long as the
// server allows.
//
// A dead stream. A frozen API server keeps its connections established and acknowledges, so only
// silence shows it, and bookmarks come no more often than once a minute. So a watch that brought no
// object is followed by a short one: the server sends a bookmark two seconds before the
// timeoutSeconds it was given, and ends the stream. The transport gives a stream up that was silent
// for longer than that; the watch goes on at once from the last resourceVersion, without a list.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "k8s-watch/backoff.h"
#include "k8s-watch/decode.h"
#include "k8s-watch/watch.h"

namespace fairlead::k8s_watch {

struct ApiRequest {
  enum class Verb { List, Watch };
  Verb verb = Verb::List;
  std::string query;  // without selectors; "a=b&c=d"
};

/// What a Reflector does. Nothing of it may call back into the Reflector.
class ReflectorPort {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~ReflectorPort() = default;
  virtual void start(const ApiRequest& request) = 0;  // the one before is over, or dropped by this
  virtual void cancel() = 0;                          // drop the request under way
  virtual void begin_relist() = 0;
  virtual void apply(Event&& event) = 0;  // Added, Modified or Deleted
  virtual void end_relist(const std::string& reason) = 0;
  virtual void renew_credentials() = 0;
  virtual void log(LogLevel level, const std::string& text) = 0;
  virtual void trouble(const std::string& text) = 0;  // as Observer::trouble()
  [[nodiscard]] virtual Clock::time_point now() = 0;
  [[nodiscard]] virtual double random() = 0;  // in [0, 1)
};

class Reflector {
 public:
  using Clock = ReflectorPort::Clock;

  /// `resource` is the kind's name for logs. `port` must outlive the reflector. `optional`: a
  /// server that does not know the resource (404) has none of it; it is asked again after a while.
  Reflector(std::string resource, ReflectorPort& port, bool optional = false)
      : resource_(std::move(resource)), port_(port), optional_(optional) {}

  void start();

  /// When wake() is due; may change with every call. Empty: nothing to wait for.
  [[nodiscard]] std::optional<Clock::time_point> deadline() const;
  void wake();

  // What happens to the request under way:

  /// A response with status 200 begins.
  void accepted();
  /// A response with any other status; `retry_after` in seconds, 0 when not said.
  void refused(int code, const Status& status, int retry_after);
  void event(Event&& event);
  /// An object was left out; a watch goes on behind it.
  void skipped(const std::string& resource_version);
  /// A LIST response is complete.
  void page_end(const std::string& resource_version, const std::string& continue_token);
  /// The body cannot be decoded. The request is still to be cancelled.
  void undecodable(const std::string& error);
  /// The request is over: a watch that ended, or any that broke. `error` is empty for a regular
  /// end.
  void ended(const std::string& error);

  /// Every object has been seen once.
  [[nodiscard]] bool synced() const { return synced_; }
  /// What was tried last has failed, and was logged.
  [[nodiscard]] bool failing() const { return failing_; }
  /// A list is being received.
  [[nodiscard]] bool listing() const {
    return phase_ == Phase::InitialEvents || phase_ == Phase::Listing;
  }

 private:
  enum class Phase { Idle, Waiting, InitialEvents, Listing, Watching };
  enum class Step { Sync, List, Page, Watch };  // what follows a wait

  void take(Step step);
  void sync();
  void give_up_watch_list();
  void list();
  void request_page();
  void watch();
  void synced_at(const std::string& resource_version);
  void stream_error(const Status& status);
  void absent();
  void list_refused(int code, const Status& status, int retry_after);
  void watch_refused(int code, int retry_after);
  void watch_ended(const std::string& error);
  void saw_version(const std::string& resource_version);
  void retry(Step step, int at_least_seconds = 0);
  void at_once(Step step);
  void fail(const std::string& what);
  void recover(const std::string& what);
  [[nodiscard]] Step same_request() const;
  [[nodiscard]] int watch_seconds();

  const std::string resource_;
  ReflectorPort& port_;
  const bool optional_;

  Phase phase_ = Phase::Idle;
  Step next_ = Step::Sync;         // while Waiting
  Clock::time_point wait_until_;   // while Waiting
  Clock::time_point accepted_at_;  // when accepted_
  Clock::time_point relist_at_;    // the next consistency relist
  Clock::time_point give_up_at_;   // while InitialEvents
  Clock::time_point synced_at_time_;
  bool accepted_ = false;      // the request under way has got its 200
  bool saw_object_ = false;    // this watch brought an object
  bool saw_bookmark_ = false;  // this watch brought a bookmark
  bool quiet_ = false;         // the last watch brought no object
  int mute_watches_ = 0;       // regular ends in a row without even a bookmark
  int brief_watches_ = 0;      // ends in a row within a second

  std::string version_;           // to watch from; empty before the first sync
  std::string continue_;          // the next page of a LIST
  std::string reason_ = "start";  // why the list under way was begun
  bool watch_list_ = true;        // the server may know WatchList
  bool newest_ = false;           // a LIST by resourceVersion was refused: ask for the newest
  bool unauthorized_ = false;     // the last response was 401
  bool failing_ = false;          // something was logged as failed since the last success
  bool synced_ = false;
  bool absent_ = false;  // the server does not know the resource
  Backoff backoff_;
};

}  // namespace fairlead::k8s_watch
