#include "plugins/kubernetes/source.h"

#include <chrono>
#include <utility>

#include "net/start_memory.h"

namespace fairlead::plugins::kubernetes {
namespace {

constexpr std::chrono::seconds kSettled{2};

net::LogLevel log_level(k8s_watch::LogLevel level) {
  switch (level) {
    case k8s_watch::LogLevel::Debug:
      return net::LogLevel::Debug;
    case k8s_watch::LogLevel::Info:
      return net::LogLevel::Info;
    case k8s_watch::LogLevel::Warning:
      return net::LogLevel::Warning;
    case k8s_watch::LogLevel::Error:
      break;
  }
  return net::LogLevel::Error;
}

// What a watch tells -> log and metrics.
class WatchReporter final : public k8s_watch::Observer {
 public:
  WatchReporter(net::LogSink& log, KubernetesFamilies& families,
                std::shared_ptr<SourceTroubles> troubles, std::shared_ptr<SourceFacts> facts)
      : log_(log), metrics_(families), troubles_(std::move(troubles)), facts_(std::move(facts)) {}

  void log(k8s_watch::LogLevel level, const std::string& text) override {
    log_.write(log_level(level), "kubernetes", text);
  }
  void object_skipped(zones::Kind kind, const std::string& reason) override {
    metrics_.objects_skipped.add({zones::resource_name(kind), reason});
  }
  void api_request(const std::string& verb, const std::string& host, const std::string& code,
                   std::chrono::nanoseconds took) override {
    metrics_.requests.add({code, verb, host});
    metrics_.request_duration.observe({verb, host}, metrics::seconds(took));
  }
  void rate_limited(const std::string& verb, const std::string& host,
                    std::chrono::nanoseconds waited) override {
    metrics_.rate_limiter_duration.observe({verb, host}, metrics::seconds(waited));
  }
  void stored(zones::Kind kind, size_t count) override {
    metrics_.objects.set({zones::resource_name(kind)}, static_cast<double>(count));
    facts_->stored(kind, count);
  }
  void event(zones::Kind kind) override {
    metrics_.set_last_event(zones::resource_name(kind), std::chrono::steady_clock::now());
    facts_->heard(kind);
  }
  void relisted(zones::Kind kind, const std::string& reason, size_t) override {
    metrics_.relists.add({zones::resource_name(kind), reason});
  }
  void programmed(bool headless, std::chrono::nanoseconds took) override {
    metrics_.programming.observe({headless ? "headless_with_selector" : "cluster_ip"},
                                 metrics::seconds(took));
  }
  void trouble(zones::Kind kind, const std::string& text) override { troubles_->set(kind, text); }

 private:
  net::LogSink& log_;
  KubernetesFamilies& metrics_;
  const std::shared_ptr<SourceTroubles> troubles_;
  const std::shared_ptr<SourceFacts> facts_;
};

}  // namespace

Source::Source(const k8s_watch::WatchOptions& options, net::LogSink& log,
               std::shared_ptr<KubernetesFamilies> families,
               std::shared_ptr<ClusterVersions> versions, const Watching& watching)
    : options_(options),
      log_(log),
      families_(std::move(families)),
      versions_(std::move(versions)),
      thread_(log, "kubernetes", "watch"),
      settled_(thread_.context()) {
  versions_->publish(std::make_shared<const zones::Snapshot>());
  const auto publish = [this](const zones::SnapshotPtr& snapshot) {
    versions_->publish(snapshot);
    const bool first = snapshot->synced() && !synced_.exchange(snapshot->synced());
    if (first) give_back_memory_later();
  };
  watch_ = watching.make(thread_.context(), options_, publish,
                         std::make_shared<WatchReporter>(log_, *families_, troubles_, facts_));
}

Source::~Source() {
  if (thread_.end([this] {
        settled_.cancel();
        watch_->stop();
      }))
    families_->forget_events();
}

void Source::start() {
  thread_.start("fl-watch", [this] { watch_->start(); });
}

// Receiving the lists took the most; not before the workers have let go of what was there during
// it.
void Source::give_back_memory_later() {
  settled_.expires_after(kSettled);
  settled_.async_wait([](const boost::system::error_code& error) {
    if (!error) net::give_back_start_memory();
  });
}

std::vector<StatusLine> Source::status() const {
  const std::string& manifests = options_.manifests_path;
  const std::string from = manifests.empty() ? "the API server" : manifests;
  std::vector<StatusLine> lines = facts_->lines();
  lines.insert(lines.begin(), {"cluster", (synced() ? "read from " : "not read yet from ") + from});
  return lines;
}

}  // namespace fairlead::plugins::kubernetes
