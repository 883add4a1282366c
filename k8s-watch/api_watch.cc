#include "k8s-watch/api_watch.h"

#include <algorithm>
#include <vector>

#include "k8s-watch/kind_watch.h"
#include "k8s-watch/rules.h"
#include "k8s-watch/url.h"

namespace fairlead::k8s_watch {
namespace {

// While a list streams in, changes are not published one read at a time. Of a first list nobody
// asks yet, or somebody who no longer wants to wait for its end; each snapshot costs a copy of
// whatever comes behind it.
constexpr auto kFlushWhileListing = std::chrono::milliseconds(50);
constexpr auto kFlushBeforeSync = std::chrono::seconds(2);

// Names of a pod's address: a pod that has ended has none.
constexpr const char* kLivePods =
    "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown";

std::string label_selector(const std::string& labels) {
  return labels.empty() ? "" : "labelSelector=" + encode_query(labels);
}

class ApiWatch final : public ClusterWatch {
 public:
  ApiWatch(asio::io_context& io, const WatchOptions& options, Publish publish,
           std::shared_ptr<Observer> observer, ApiSource source)
      : publish_(std::move(publish)),
        observer_(std::move(observer)),
        store_(zones::StoreOptions{.endpoint_pod_names = options.endpoint_pod_names}),
        client_(io, options.api, std::move(source.access), *observer_),
        context_{io,
                 client_,
                 store_,
                 *observer_,
                 source.patience.head,
                 source.patience.idle,
                 [this] { schedule_flush(); }},
        flush_timer_(io) {
    const std::string labels = label_selector(options.labels);
    add({zones::Kind::Namespace, label_selector(options.namespace_labels)});
    add({zones::Kind::Service, labels, {.outside = options.extras.outside}});
    add_slices(options);
    if (options.pods) {
      add({zones::Kind::Pod,
           (labels.empty() ? "" : labels + "&") + "fieldSelector=" + encode_query(kLivePods),
           {.pod_labels = options.extras.pod_labels}});
    }
    if (options.extras.imports) {
      add({zones::Kind::ServiceImport, labels, {}, true});
      imports_ = kinds_.back().get();
    }
  }

  void start() override {
    for (const auto& kind : kinds_) kind->start();
  }

  void stop() override {
    stopped_ = true;
    flush_timer_.cancel();
    for (const auto& kind : kinds_) kind->stop();
  }

 private:
  void add(KindWatch::Wanted wanted) {
    kinds_.push_back(std::make_unique<KindWatch>(std::move(wanted), context_));
  }

  // Without endpoints those of imports are read all the same: nothing else has them.
  void add_slices(const WatchOptions& options) {
    Extras extras = options.extras;
    std::string labels = options.labels;
    if (!options.endpoint_slices) {
      if (!extras.imports) return;
      labels += (labels.empty() ? "" : ",") + std::string(kImportLabel);
      extras.only_imported = true;
    }
    add({zones::Kind::EndpointSlice, label_selector(labels), extras});
  }

  // Not at once: what else has arrived in this turn of the loop goes into the same snapshot.
  void schedule_flush() {
    if (stopped_) return;
    const bool listing =
        std::ranges::any_of(kinds_, [](const auto& kind) { return kind->listing(); });
    const bool first = complete() && !store_.synced();  // that is what everybody waits for
    return listing && !first ? flush_later() : flush_soon();
  }

  [[nodiscard]] bool complete() const {
    return std::ranges::all_of(kinds_, [](const auto& kind) { return kind->settled(); });
  }

  // A timer that is due at once would cost the kernel more than all the rest.
  void flush_soon() {
    if (std::exchange(flush_posted_, true)) return;
    asio::post(context_.io, [this] {
      flush_posted_ = false;
      if (!stopped_) flush();
    });
  }

  void flush_later() {
    const Clock::time_point due =
        Clock::now() + (store_.synced() ? kFlushWhileListing : kFlushBeforeSync);
    if (flush_at_ && *flush_at_ <= due) return;
    flush_at_ = due;
    flush_timer_.expires_at(due);
    flush_timer_.async_wait([this](boost::system::error_code error) {
      if (error || stopped_) return;
      flush_at_.reset();
      flush();
    });
  }

  void flush() {
    const bool first = complete() && !store_.synced();
    if (first) store_.set_synced();
    if (imports_ != nullptr && imports_->synced()) store_.set_imports_synced();
    if (!first && !store_.dirty()) return;
    const auto now = std::chrono::system_clock::now();
    const auto unix_seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    const auto snapshot = store_.freeze(static_cast<uint32_t>(unix_seconds));
    publish_(snapshot);
    for (const auto& kind : kinds_) observer_->stored(kind->kind(), store_.size(kind->kind()));
    for (const auto& kind : kinds_) report_triggers(kind->take_triggers(), *snapshot);
  }

  void report_triggers(const std::vector<Trigger>& triggers, const zones::Snapshot& snapshot) {
    const auto now = std::chrono::system_clock::now();
    for (const Trigger& trigger : triggers) {
      const auto* service = snapshot.service(trigger.service.namespace_name, trigger.service.name);
      if (service == nullptr || trigger.at > now) continue;
      observer_->programmed(service->type == zones::Service::Type::Headless, now - trigger.at);
    }
  }

  const Publish publish_;
  const std::shared_ptr<Observer> observer_;
  zones::Store store_;
  ApiClient client_;
  WatchContext context_;
  std::vector<std::unique_ptr<KindWatch>> kinds_;
  const KindWatch* imports_ = nullptr;  // of kinds_; null: nobody asks for imports
  asio::steady_timer flush_timer_;
  std::optional<Clock::time_point> flush_at_;
  bool flush_posted_ = false;
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<ClusterWatch> make_api_watch(asio::io_context& io, const WatchOptions& options,
                                             Publish publish, std::shared_ptr<Observer> observer,
                                             ApiSource source) {
  return std::make_unique<ApiWatch>(io, options, std::move(publish), std::move(observer),
                                    std::move(source));
}

}  // namespace fairlead::k8s_watch
