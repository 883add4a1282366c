#include "plugins/etcd/mirror.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "k8s-watch/backoff.h"
#include "k8s-watch/json_framing.h"
#include "net/prng.h"
#include "plugins/etcd/gateway_messages.h"
#include "plugins/etcd/key_store.h"
#include "plugins/etcd/lease_book.h"
#include "plugins/etcd/listing.h"

namespace fairlead::plugins::etcd {
namespace {

using net::LogLevel;
using std::chrono::milliseconds;

constexpr size_t kMostLine = 16U << 20U;
constexpr size_t kMostRefusal = 65'536;
constexpr size_t kMostLogged = 512;      // octets of a key
constexpr size_t kSkipsLogged = 256;     // keys; then they are only counted
constexpr milliseconds kNextServer{50};  // before the next of several is asked
constexpr milliseconds kGather{10}, kLongestGather{5000};
constexpr int kGatherShare = 10;  // changes are made one state for ten times what that takes
// A watch of a server that hangs says nothing, as one without changes does: it is begun anew.
constexpr std::chrono::minutes kWatchLife{5};
constexpr milliseconds kWatchIdle{2 * kWatchLife};
constexpr std::chrono::minutes kSayAgain{5};
constexpr milliseconds kLongestWait{10'000};  // before the servers are asked once more

bool says(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

// Its token is not good any more.
bool is_login_refused(int status, const std::string& text) {
  constexpr int kUnauthorized = 401;
  return status == kUnauthorized || says(text, "invalid auth token") ||
         says(text, "revision of auth store is old");
}

class EtcdMirror final : public Mirror {
 public:
  EtcdMirror(asio::io_context& io, const MirrorOptions& options, Publish publish,
             MirrorObserver& observer)
      : publish_(std::move(publish)),
        observer_(observer),
        gateway_(io, options.connection),
        leases_(io, gateway_,
                [this](const std::string& code) { observer_.requested("timetolive", code); }),
        store_(leases_),
        listing_(
            gateway_, options.paths,
            {.take = [this](const KeyValue& key) { put(key); },
             .heard = [this](const auto& code) { observer_.requested("range", code); },
             .done = [this](int status, const std::string& trouble) { listed(status, trouble); }}),
        timer_(io),
        gather_(io) {}

  void start() override { begin(); }

  void stop() override {
    stopped_ = true;
    rest();
    gather_.cancel();
  }

 private:
  // What follows once a stream's piece has been looked at.
  enum class Then : uint8_t { GoOn, Relist, Refused };

  // The watch of one range. All in one stream would be too many: etcd's gateway begins its response
  // with the first, and what it has not read of the requests by then is lost (Go's net/http).
  struct Stream final : k8s_watch::HttpSink {
    Stream(EtcdMirror& of, size_t range) : mirror(of), number(range) {}
    void on_head(const k8s_watch::HttpHead& head) override {
      status = head.status;
      mirror.observer_.requested("watch", std::to_string(status));
    }
    void on_body(std::string_view octets) override { mirror.said(*this, octets); }
    void on_end(const std::string& error) override { mirror.ended(*this, error); }

    EtcdMirror& mirror;
    const size_t number;
    int status = 0;
    std::string refusal;
    Then then = Then::GoOn;
    k8s_watch::LineJoiner lines{kMostLine};
    std::unique_ptr<k8s_watch::Exchange> exchange;
  };

  void begin() {
    rest();
    if (!gateway_.connection().username.empty() && !gateway_.has_token() && !no_login_)
      return log_in();
    if (needs_list_.empty()) return watch();
    store_.begin_list();
    listing_.begin();
  }

  void rest() {
    timer_.cancel();
    exchange_.reset();
    streams_.clear();
    listing_.stop();
    leases_.stop();
  }

  void log_in() try {
    const Connection& connection = gateway_.connection();
    reply_.expect(kMostRefusal, [this] { logged_in(); });
    exchange_ =
        gateway_.post("/v3/auth/authenticate",
                      authenticate_request(connection.username, connection.password), {}, reply_);
  } catch (const std::runtime_error& error) {
    fail(error.what());
  }

  void logged_in() {
    exchange_.reset();
    observer_.requested("authenticate", reply_.code());
    auto token = reply_.good() ? read_token(reply_.text()) : std::nullopt;
    if (token) {
      gateway_.set_token(std::move(*token));
      fresh_login_ = true;
      return begin();
    }
    const std::string text = reply_.trouble();
    // Whoever has a password need not be asked for it.
    no_login_ = says(text, "authentication is not enabled");
    if (no_login_) return begin();
    fail("logging in: " + text);
  }

  void listed(int status, const std::string& trouble) {
    if (!trouble.empty()) return refused(status, trouble);
    store_.end_list();
    watched_.clear();
    for (const Range& range : listing_.ranges())
      watched_.push_back({range, listing_.header().revision + 1});
    observer_.listed(std::exchange(needs_list_, {}));
    observer_.log(LogLevel::Info, "Read " + std::to_string(store_.size()) + " keys from " +
                                      gateway_.endpoint() + " at revision " +
                                      std::to_string(listing_.header().revision));
    publish();
    watch();
  }

  void put(const KeyValue& key) {
    const auto wrong = store_.put(key);
    if (wrong == nullptr) return;
    observer_.skipped(wrong->reason);
    if (++skips_ > kSkipsLogged) return;
    observer_.log(LogLevel::Warning, "Skipping key " + key.key.substr(0, kMostLogged) + ": " +
                                         wrong->text.substr(0, kMostLogged));
  }

  void watch() try {
    rest();
    for (const Watched& one : watched_) {
      auto stream = std::make_unique<Stream>(*this, streams_.size());
      stream->exchange =
          gateway_.post("/v3/watch", watch_request(one), {.idle = kWatchIdle}, *stream);
      streams_.push_back(std::move(stream));
    }
    timer_.expires_after(kWatchLife);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error && !stopped_) watch();
    });
  } catch (const std::runtime_error& error) {
    fail(error.what());
  }

  // The stream is gone when something else follows.
  void said(Stream& stream, std::string_view octets) {
    std::string& refusal = stream.refusal;
    if (stream.status != WholeReply::kOk) {
      refusal.append(octets.substr(0, kMostRefusal - std::min(kMostRefusal, refusal.size())));
      return;
    }
    const bool good =
        stream.lines.feed(octets, [&](std::string_view line) { return take(stream, line); });
    if (stream.then == Then::Relist) return relist();
    if (stream.then == Then::Refused) return refused(0, "watching: " + refusal);
    if (good) return;
    needs_list_ = "stream";
    fail("watching: what is said cannot be understood");
  }

  void ended(const Stream& stream, const std::string& error) {
    const int status = stream.status;
    if (status == 0) observer_.requested("watch", "<error>");
    if (status != 0 && status != WholeReply::kOk)
      return refused(status,
                     "watching: " + (error.empty() ? refusal_text(status, stream.refusal) : error));
    fail("watching: " + (error.empty() ? "the stream has ended" : error));
  }

  // False: no line is taken any more.
  bool take(Stream& stream, std::string_view line) {
    const auto said = read_watch(line);
    if (!said) return false;
    if (said->canceled) return canceled(stream, *said);
    if (said->number != 0) return false;
    Watched& watched = watched_[stream.number];
    if (said->created) return created(stream, *said, watched.from);
    for (const WatchEvent& event : said->events) {
      // Streams are behind each other: a key is the business of one.
      const bool ours = listing_.belongs(stream.number, event.key.key);
      if (ours && event.deleted) store_.erase(event.key.key);
      if (ours && !event.deleted) put(event.key);
      // What else belongs to the revision may come in the next piece.
      watched.from = event.key.revision + (said->fragment ? 0 : 1);
    }
    if (said->events.empty()) watched.from = std::max(watched.from, said->header.revision + 1);
    observer_.heard();
    if (!said->events.empty()) gather();
    return true;
  }

  // An etcd whose revisions begin anew is another one, or was restored from a backup.
  bool created(Stream& stream, const WatchReply& said, int64_t from) {
    if (said.header.cluster != listing_.header().cluster || said.header.revision + 1 < from) {
      needs_list_ = "history";
      stream.then = Then::Relist;
      return false;
    }
    good();
    return true;
  }

  bool canceled(Stream& stream, const WatchReply& said) {
    stream.refusal = said.why.empty() ? "the watch is canceled" : said.why;
    stream.then = Then::Refused;
    if (said.compacted != 0) {
      needs_list_ = "compacted";
      stream.then = Then::Relist;
    } else if (says(said.why, "permission denied")) {
      needs_list_ = "rights";
    }
    return false;
  }

  void good() {
    fresh_login_ = false;
    failed_ = 0;
    if (!std::exchange(last_trouble_, {}).empty()) {
      observer_.log(LogLevel::Info, "Watching " + gateway_.endpoint());
      observer_.trouble("");
    }
    observer_.heard();
    leases_.start();
  }

  void relist() {
    observer_.log(LogLevel::Info, needs_list_ == "compacted"
                                      ? "Reading all keys again: the changes are compacted"
                                      : "Reading all keys again: etcd has another history");
    wait(backoff_.next(net::Clock::now(), random()));
  }

  // A token that has just been given is not asked for again at once.
  void refused(int status, const std::string& text) {
    const bool login = gateway_.has_token() && is_login_refused(status, text);
    if (login) gateway_.set_token({});
    if (!login || fresh_login_) return fail(text);
    begin();
  }

  void fail(const std::string& text) {
    const std::string line = gateway_.endpoint() + ": " + text;
    fresh_login_ = no_login_ = false;
    gateway_.next_endpoint();
    const bool round = ++failed_ % gateway_.connection().endpoints.size() == 0;
    say(line);
    wait(round ? backoff_.next(net::Clock::now(), random()) : kNextServer);
  }

  void say(const std::string& line) {
    observer_.trouble(line);
    const auto now = net::Clock::now();
    if (line == last_trouble_ && now - said_at_ < kSayAgain) return;
    last_trouble_ = line;
    said_at_ = now;
    observer_.log(LogLevel::Warning, "Cannot read etcd: " + line);
  }

  void wait(milliseconds pause) {
    rest();
    timer_.expires_after(pause);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error && !stopped_) begin();
    });
  }

  double random() {
    return static_cast<double>(random_() >> 11U) / static_cast<double>(1ULL << 53U);
  }

  void gather() {
    if (std::exchange(gathering_, true)) return;
    gather_.expires_after(pause_);
    gather_.async_wait([this](boost::system::error_code error) {
      if (!error && !stopped_) publish();
    });
  }

  void publish() {
    gathering_ = false;
    const auto begun = net::Clock::now();
    publish_(store_.freeze());
    const auto took = std::chrono::ceil<milliseconds>(net::Clock::now() - begun);
    pause_ = std::clamp(kGatherShare * took, kGather, kLongestGather);
  }

  const Publish publish_;
  MirrorObserver& observer_;
  Gateway gateway_;
  LeaseBook leases_;
  KeyStore store_;
  Listing listing_;
  net::Timer timer_;   // for the next attempt, or the watch's life
  net::Timer gather_;  // for the next state
  k8s_watch::Backoff backoff_{kLongestWait};
  net::Prng random_ = net::Prng::from_system();
  bool stopped_ = false;

  std::vector<Watched> watched_;
  std::string needs_list_ = "start";  // why; empty: the watch can go on where it was
  size_t skips_ = 0;
  bool gathering_ = false;
  milliseconds pause_ = kGather;

  std::vector<std::unique_ptr<Stream>> streams_;  // by number of what is watched

  WholeReply reply_;          // to a login
  bool fresh_login_ = false;  // nothing was good since
  bool no_login_ = false;     // etcd wants none
  size_t failed_ = 0;         // attempts, one after another
  std::string last_trouble_;
  net::Clock::time_point said_at_;
  std::unique_ptr<k8s_watch::Exchange> exchange_;
};

}  // namespace

std::unique_ptr<Mirror> make_mirror(asio::io_context& io, const MirrorOptions& options,
                                    Publish publish, MirrorObserver& observer) {
  return std::make_unique<EtcdMirror>(io, options, std::move(publish), observer);
}

}  // namespace fairlead::plugins::etcd
