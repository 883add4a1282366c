// One kind of object, kept up to date: its reflector, wired to the API client, the decoders and the
// store.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "k8s-watch/api_client.h"
#include "k8s-watch/decode.h"
#include "k8s-watch/reflector.h"
#include "net/prng.h"
#include "zones/store.h"

namespace fairlead::k8s_watch {

/// What a kind's watch works with and tells; lives longer than it.
struct WatchContext {
  asio::io_context& io;
  ApiClient& client;
  zones::Store& store;
  Observer& observer;
  std::chrono::milliseconds head_timeout, idle_timeout;
  /// Something entered the store, or a list was completed.
  std::function<void()> changed;
};

/// When the endpoint slice controller saw a change that is now in the store.
struct Trigger {
  zones::ObjectKey service;
  std::chrono::system_clock::time_point at;
};

/// Used by the thread that runs the io_context. After stop() it may be destroyed once the
/// io_context has run dry.
class KindWatch final : private ReflectorPort, private HttpSink, private DecodeSink {
 public:
  struct Wanted {
    zones::Kind kind = zones::Kind::Namespace;
    std::string selector;  // part of every query: "labelSelector=…&fieldSelector=…", or empty
    Extras extras;
    bool optional = false;  // the API server may not know the kind: then there is none of it
  };

  KindWatch(Wanted wanted, WatchContext& context);

  void start();
  void stop();

  [[nodiscard]] zones::Kind kind() const { return kind_; }
  [[nodiscard]] bool synced() const { return reflector_.synced(); }
  /// Nobody is to wait for it: it has been listed, or it is optional and that has failed.
  [[nodiscard]] bool settled() const { return synced() || (optional_ && reflector_.failing()); }
  [[nodiscard]] bool listing() const { return reflector_.listing(); }
  /// What was watched since the last call.
  std::vector<Trigger> take_triggers() { return std::exchange(triggers_, {}); }

 private:
  void start(const ApiRequest& request) override;
  void cancel() override;
  void begin_relist() override;
  void apply(Event&& event) override;
  void end_relist(const std::string& reason) override;
  void renew_credentials() override;
  void log(LogLevel level, const std::string& text) override;
  void trouble(const std::string& text) override;
  Clock::time_point now() override { return Clock::now(); }
  double random() override;

  void on_head(const HttpHead& head) override;
  void on_body(std::string_view octets) override;
  void on_end(const std::string& error) override;

  void event(Event&& event) override;
  void skipped(Skip&& skip) override;

  void finish_response(const std::string& error);
  void note_trigger(const Object& object);
  void set_timer();

  const zones::Kind kind_;
  const std::string selector_;
  const Extras extras_;
  const bool optional_;
  WatchContext& context_;
  Reflector reflector_;
  asio::steady_timer timer_;
  std::optional<Clock::time_point> timer_at_;
  net::Prng random_ = net::Prng::from_system();
  bool stopped_ = false;

  // The request under way:
  std::unique_ptr<Exchange> exchange_;
  std::variant<ListDecoder, WatchDecoder, ProtobufWatchDecoder> decoder_;
  std::optional<HttpHead> head_;
  std::string error_body_;

  size_t relist_changes_ = 0;
  std::vector<Trigger> triggers_;
  std::set<zones::ObjectKey> skips_logged_;
  std::string last_log_;
  size_t repeats_ = 0;
  Clock::time_point last_log_at_;
};

}  // namespace fairlead::k8s_watch
