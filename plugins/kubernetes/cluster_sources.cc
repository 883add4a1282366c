#include "plugins/kubernetes/cluster_sources.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "net/asio.h"
#include "plugins/kubernetes/source_troubles.h"

namespace fairlead::plugins::kubernetes {
namespace {

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
  WatchReporter(net::LogSink& log, metrics::Metrics& metrics,
                std::shared_ptr<SourceTroubles> troubles)
      : log_(log), metrics_(metrics.kubernetes), troubles_(std::move(troubles)) {}

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
  }
  void event(zones::Kind kind) override {
    metrics_.set_last_event(zones::resource_name(kind), std::chrono::steady_clock::now());
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
  metrics::KubernetesFamilies& metrics_;
  const std::shared_ptr<SourceTroubles> troubles_;
};

void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

// A watch and the thread it lives on.
struct ClusterSources::Source {
  Source(k8s_watch::WatchOptions watch_options, net::LogSink& log_sink)
      : options(std::move(watch_options)), log(log_sink) {}

  // Ends the watch; its thread returns once everything the watch has left there is done.
  ~Source() {
    if (!thread.joinable()) return;
    asio::post(context, [this] {
      watch->stop();
      work.reset();
    });
    thread.join();
  }

  void start() {
    asio::post(context, [this] { watch->start(); });
    thread = std::thread([this] {
      block_signals();
      pthread_setname_np(pthread_self(), "fl-watch");
      run();
    });
  }

  // Running out of memory in one handler must not end the server: what was read stays, and the
  // watch's deadlines bring it back to work.
  void run() {
    for (;;) {
      try {
        context.run();
        return;
      } catch (const std::exception& error) {
        log.write(net::LogLevel::Error, "kubernetes", std::string("watch: ") + error.what());
      }
    }
  }

  const k8s_watch::WatchOptions options;
  net::LogSink& log;
  std::atomic<bool> synced = false;
  const std::shared_ptr<SourceTroubles> troubles = std::make_shared<SourceTroubles>();
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::unique_ptr<k8s_watch::ClusterWatch> watch;  // touched by `thread` once that runs
  std::thread thread;
};

ClusterSources::ClusterSources(net::LogSink& log, metrics::Metrics& metrics, Publish publish)
    : log_(log), metrics_(metrics), publish_(std::move(publish)) {}

ClusterSources::~ClusterSources() = default;

size_t ClusterSources::acquire(const k8s_watch::WatchOptions& options) {
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i] && sources_[i]->options == options) return i;
  }
  const auto place = std::find(sources_.begin(), sources_.end(), nullptr);
  const auto number = static_cast<size_t>(place - sources_.begin());
  auto source = std::make_unique<Source>(options, log_);
  const auto publish = [this, number,
                        synced = &source->synced](const zones::SnapshotPtr& snapshot) {
    publish_(number, snapshot);
    const bool first = snapshot->synced() && !synced->exchange(snapshot->synced());
    if (first) malloc_trim(0);  // what receiving the lists took goes back to the system
  };
  auto reporter = std::make_shared<WatchReporter>(log_, metrics_, source->troubles);
  source->watch = k8s_watch::make_watch(source->context, options, publish, std::move(reporter));
  source->start();
  if (number == sources_.size()) sources_.emplace_back();
  sources_[number] = std::move(source);
  return number;
}

void ClusterSources::keep_only(const Numbers& sources) {
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i] || std::ranges::find(sources, std::optional(i)) != sources.end()) continue;
    sources_[i].reset();
    metrics_.kubernetes.forget_events();
    publish_(i, std::make_shared<const zones::Snapshot>());
  }
}

bool ClusterSources::synced(size_t source) const {
  return source < sources_.size() && sources_[source] && sources_[source]->synced.load();
}

std::string ClusterSources::troubles(size_t source) const {
  if (source >= sources_.size() || !sources_[source]) return {};
  return sources_[source]->troubles->lines();
}

}  // namespace fairlead::plugins::kubernetes
