#include "k8s-watch/reflector.h"

#include <algorithm>
#include <utility>

#include "k8s-watch/url.h"

namespace fairlead::k8s_watch {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kShortestWatch = seconds(1);
constexpr int kLongestRetryAfter = 120;  // seconds
constexpr int kMuteWatches = 2;
constexpr auto kDoubtAgain = minutes(10);
constexpr auto kRelistEvery = minutes(45);
constexpr auto kAbsentFor = seconds(30);
constexpr auto kWatchListPatience = minutes(1);  // for all of its initial events

// "Timeout: Too large resource version: 5, current: 3" (504): another replica, or an etcd that was
// restored.
bool version_too_large(const Status& status) {
  return status.message.find("Too large resource version") != std::string::npos;
}

bool expired(int code, const Status& status) {
  return code == 410 || status.reason == "Expired" || status.reason == "Gone";
}

}  // namespace

void Reflector::start() {
  sync();
}

std::optional<Reflector::Clock::time_point> Reflector::deadline() const {
  if (phase_ == Phase::Waiting) return wait_until_;
  if (phase_ == Phase::Watching) return relist_at_;
  if (phase_ == Phase::InitialEvents) return give_up_at_;
  return std::nullopt;
}

void Reflector::wake() {
  if (phase_ == Phase::Waiting && port_.now() >= wait_until_) return take(next_);
  if (phase_ == Phase::InitialEvents && port_.now() >= give_up_at_) return give_up_watch_list();
  if (phase_ != Phase::Watching || port_.now() < relist_at_) return;
  port_.cancel();
  reason_ = "consistency";
  watch_list_ = true;  // the server may have been upgraded
  sync();
}

void Reflector::take(Step step) {
  switch (step) {
    case Step::Sync:
      return sync();
    case Step::List:
      return list();
    // A first page asked for again is another list: what the broken one had brought may be gone.
    case Step::Page:
      return continue_.empty() ? list() : request_page();
    case Step::Watch:
      return watch();
  }
}

void Reflector::sync() {
  if (!watch_list_) return list();
  phase_ = Phase::InitialEvents;
  accepted_ = false;
  give_up_at_ = port_.now() + kWatchListPatience;
  port_.begin_relist();
  port_.start({ApiRequest::Verb::Watch,
               "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
               "allowWatchBookmarks=true"
               "&timeoutSeconds=" +
                   std::to_string(watch_seconds())});
}

// A server that does not know WatchList may take it for a plain watch: nothing then says where what
// exists ends and the changes begin.
void Reflector::give_up_watch_list() {
  port_.cancel();
  fail("listing " + resource_ + ": the server did not say that all was sent; asking for a list");
  watch_list_ = false;
  at_once(Step::List);
}

void Reflector::list() {
  continue_.clear();
  port_.begin_relist();
  request_page();
}

void Reflector::request_page() {
  phase_ = Phase::Listing;
  accepted_ = false;
  std::string query = "limit=500";
  if (!continue_.empty()) {
    query += "&continue=" + encode_query(continue_);
  } else if (!newest_ && version_.empty()) {
    query += "&resourceVersion=0";  // from the server's cache
  } else if (!newest_) {
    // Not older than what is known. Pages would make older servers ask etcd instead of their cache.
    query = "resourceVersion=" + encode_query(version_) + "&resourceVersionMatch=NotOlderThan";
  }
  port_.start({ApiRequest::Verb::List, query});
}

void Reflector::watch() {
  phase_ = Phase::Watching;
  accepted_ = saw_object_ = saw_bookmark_ = false;
  port_.start({ApiRequest::Verb::Watch,
               "watch=true&allowWatchBookmarks=true&resourceVersion=" + encode_query(version_) +
                   "&timeoutSeconds=" + std::to_string(watch_seconds())});
}

int Reflector::watch_seconds() {
  const double random = port_.random();
  return quiet_ ? 36 + static_cast<int>(5 * random) : 300 + static_cast<int>(301 * random);
}

void Reflector::accepted() {
  accepted_ = true;
  accepted_at_ = port_.now();
  unauthorized_ = false;
  if (phase_ == Phase::Watching) recover("watching " + resource_ + " again");
}

void Reflector::event(Event&& event) {
  if (phase_ != Phase::Watching && !listing()) return;  // the rest of a stream that was given up
  if (event.type == Event::Type::Error) return stream_error(event.status);
  if (event.type != Event::Type::Bookmark) {
    saw_version(event.resource_version);
    return port_.apply(std::move(event));
  }
  // A watch from no version at all would tell of no deletion.
  if (event.resource_version.empty()) return;
  if (phase_ == Phase::Watching) {
    saw_bookmark_ = true;
    version_ = event.resource_version;
  } else if (phase_ == Phase::InitialEvents && event.initial_events_end) {
    saw_object_ = saw_bookmark_ = false;
    synced_at(event.resource_version);
    phase_ = Phase::Watching;
  }
}

void Reflector::skipped(const std::string& resource_version) {
  saw_version(resource_version);
}

// The versions of a list's objects say nothing about what else the list has still to bring.
void Reflector::saw_version(const std::string& resource_version) {
  if (phase_ != Phase::Watching) return;
  saw_object_ = true;
  if (!resource_version.empty()) version_ = resource_version;
}

void Reflector::synced_at(const std::string& resource_version) {
  version_ = resource_version;
  newest_ = false;
  mute_watches_ = 0;
  synced_ = true;
  if (std::exchange(absent_, false))
    port_.log(LogLevel::Info, "the API server knows " + resource_ + " now");
  synced_at_time_ = port_.now();
  relist_at_ =
      synced_at_time_ + duration_cast<milliseconds>(kRelistEvery * (0.8 + 0.4 * port_.random()));
  recover("listing " + resource_ + " succeeded again");
  port_.end_relist(std::exchange(reason_, "error"));
}

void Reflector::page_end(const std::string& resource_version, const std::string& continue_token) {
  if (phase_ != Phase::Listing) return;
  continue_ = continue_token;
  if (!continue_.empty()) return request_page();
  if (resource_version.empty()) return undecodable("the list has no resourceVersion");
  synced_at(resource_version);
  watch();
}

void Reflector::stream_error(const Status& status) {
  const bool initial = phase_ == Phase::InitialEvents;
  port_.cancel();
  if (expired(status.code, status)) {
    port_.log(LogLevel::Info, "watching " + resource_ + ": " + status.message + "; listing again");
    reason_ = "expired";
    return retry(initial ? Step::List : Step::Sync);
  }
  fail("watching " + resource_ + ": the server sent an error: " + status.message);
  if (status.code == 429)
    return retry(initial ? Step::Sync : Step::Watch, status.retry_after_seconds);
  retry(initial ? Step::List : Step::Sync);
}

void Reflector::undecodable(const std::string& error) {
  if (phase_ != Phase::Watching && !listing()) return;
  port_.cancel();
  fail((phase_ == Phase::Watching ? "watching " : "listing ") + resource_ +
       ": not understood: " + error);
  retry(phase_ == Phase::Watching ? Step::Sync : Step::List);
}

void Reflector::refused(int code, const Status& status, int retry_after) {
  if (phase_ != Phase::Watching && !listing()) return;
  if (optional_ && code == 404 && phase_ != Phase::InitialEvents) return absent();
  const char* verb = phase_ == Phase::Listing ? "list" : "watch";
  std::string text = std::string("cannot ") + verb + " " + resource_ + ": " + std::to_string(code) +
                     " " + status.message;
  if (code == 403) text += std::string("; the role needs the verbs list and watch on ") + resource_;
  retry_after = std::max(retry_after, status.retry_after_seconds);
  if (code == 401) {
    port_.renew_credentials();
    // A rotated token is the usual cause: only when the new one fails too is it a failure.
    if (!std::exchange(unauthorized_, true)) return at_once(same_request());
    fail(text);
    return retry(same_request());
  }
  unauthorized_ = false;
  if (phase_ == Phase::InitialEvents && code >= 400 && code < 500 && code != 403 && code != 408 &&
      code != 429) {
    port_.log(LogLevel::Debug, text + "; listing instead");
    watch_list_ = false;
    return at_once(Step::List);
  }
  if (phase_ == Phase::Watching && expired(code, status)) {
    port_.log(LogLevel::Info, text + "; listing again");
  } else {
    fail(text);
  }
  if (phase_ == Phase::Listing) return list_refused(code, status, retry_after);
  if (phase_ == Phase::Watching) return watch_refused(code, retry_after);
  // A WatchList that fails for another reason may still be listed.
  const bool wait_and_repeat = code == 403 || code == 429 || retry_after > 0;
  retry(wait_and_repeat ? Step::Sync : Step::List, retry_after);
}

// A resource that is defined later, or for another version, is found within the pause.
void Reflector::absent() {
  if (!std::exchange(absent_, true))
    port_.log(LogLevel::Warning, "the API server knows no " + resource_ + ": there are none");
  version_.clear();
  newest_ = unauthorized_ = false;
  port_.begin_relist();
  synced_ = true;
  port_.end_relist("absent");
  phase_ = Phase::Waiting;
  next_ = Step::Sync;
  wait_until_ = port_.now() + kAbsentFor;
  reason_ = "start";
  if (std::exchange(failing_, false)) port_.trouble({});
}

void Reflector::list_refused(int code, const Status& status, int retry_after) {
  if (expired(code, status) || version_too_large(status)) {
    return std::exchange(newest_, true) ? retry(Step::List) : at_once(Step::List);
  }
  retry(Step::Page, retry_after);
}

void Reflector::watch_refused(int code, int retry_after) {
  if (code == 429 || (code >= 500 && retry_after > 0)) return retry(Step::Watch, retry_after);
  reason_ = code == 410 ? "expired" : "error";
  retry(Step::Sync);
}

void Reflector::ended(const std::string& error) {
  if (phase_ == Phase::Watching) return watch_ended(error);
  if (!listing()) return;
  fail("listing " + resource_ + ": " +
       (error.empty() ? "the stream ended before the list was complete" : error));
  if (phase_ == Phase::Listing) return retry(Step::Page);
  // Whatever breaks a WatchList once it has begun may leave a LIST alone: an old server, a proxy
  // that holds streams back.
  if (accepted_ && error.empty()) watch_list_ = false;
  retry(accepted_ ? Step::List : Step::Sync);
}

void Reflector::watch_ended(const std::string& error) {
  if (!accepted_) {
    fail("watching " + resource_ + ": " + error);
    return retry(Step::Watch);
  }
  const bool nothing = !saw_object_ && !saw_bookmark_;
  quiet_ = !saw_object_;
  if (nothing && port_.now() - accepted_at_ < kShortestWatch) {
    fail("watching " + resource_ + ": the stream ended at once" +
         (error.empty() ? "" : ": " + error));
    return retry(Step::Watch);
  }
  if (!error.empty()) port_.log(LogLevel::Debug, "watching " + resource_ + ": " + error);
  const bool brief = port_.now() - accepted_at_ < kShortestWatch;
  brief_watches_ = brief ? brief_watches_ + 1 : 0;
  // A server that was restored to an older state accepts a watch from a version it has not reached,
  // and says nothing.
  mute_watches_ = nothing && error.empty() ? mute_watches_ + 1 : 0;
  if (mute_watches_ >= kMuteWatches && port_.now() - synced_at_time_ > kDoubtAgain) {
    reason_ = "silence";
    return at_once(Step::Sync);
  }
  // An API server that dies breaks the streams of a whole cluster: they do not all return at once.
  // One that ends every stream after a word is not asked as fast as it answers.
  if (!error.empty() || brief_watches_ > 1) return retry(Step::Watch);
  at_once(Step::Watch);
}

Reflector::Step Reflector::same_request() const {
  if (phase_ == Phase::Watching) return Step::Watch;
  return phase_ == Phase::Listing ? Step::Page : Step::Sync;
}

void Reflector::retry(Step step, int at_least_seconds) {
  const auto now = port_.now();
  const auto least = seconds(std::min(at_least_seconds, kLongestRetryAfter));
  // A list that nobody needed has failed: the watch before it can go on.
  if (reason_ == "consistency" && !version_.empty()) {
    reason_ = "error";
    relist_at_ = now + kDoubtAgain;
    step = Step::Watch;
  }
  phase_ = Phase::Waiting;
  next_ = step;
  wait_until_ = now + least + backoff_.next(now, port_.random());
}

// Through the timer all the same: no request begins from within an event.
void Reflector::at_once(Step step) {
  phase_ = Phase::Waiting;
  next_ = step;
  wait_until_ = port_.now();
}

void Reflector::fail(const std::string& what) {
  failing_ = true;
  port_.log(LogLevel::Warning, what);
  port_.trouble(what);
}

void Reflector::recover(const std::string& what) {
  if (!std::exchange(failing_, false)) return;
  port_.log(LogLevel::Info, what);
  port_.trouble({});
}

}  // namespace fairlead::k8s_watch
