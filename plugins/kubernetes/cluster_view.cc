#include "plugins/kubernetes/cluster_view.h"

#include <array>

#include "net/asio.h"

namespace fairlead::plugins::kubernetes {
namespace {

constexpr std::chrono::seconds kToStop{1};

class Collector final : public k8s_watch::ObjectObserver {
 public:
  explicit Collector(Inventory& objects) : objects_(objects) {}

  void log(k8s_watch::LogLevel level, const std::string& text) override {
    if (level == k8s_watch::LogLevel::Warning || level == k8s_watch::LogLevel::Error)
      last_log_ = text;
  }
  void object_skipped(zones::Kind, const std::string&) override {}
  void api_request(const std::string&, const std::string&, const std::string&,
                   std::chrono::nanoseconds) override {}
  void event(zones::Kind) override {}
  void relisted(zones::Kind kind, const std::string&, size_t) override {
    read_[static_cast<size_t>(kind)] = true;
  }
  void programmed(bool, std::chrono::nanoseconds) override {}
  void trouble(zones::Kind kind, const std::string& text) override {
    troubles_[static_cast<size_t>(kind)] = text;
  }

  ObjectObserver* objects() override { return this; }
  void entered(const zones::Namespace& object) override { objects_.namespaces.insert(object.name); }
  void entered(const zones::Service& object) override { objects_.services.insert(object.key); }
  void entered(const zones::EndpointSlice& object) override {
    objects_.slices.insert_or_assign(object.key, object);
  }
  void entered(const zones::Pod& object) override {
    objects_.pods.insert_or_assign(object.key, object);
  }
  void entered(const zones::ServiceImport&) override {}

  [[nodiscard]] const auto& read() const { return read_; }

  // Why it takes so long.
  [[nodiscard]] std::string trouble_text() const {
    std::string all;
    for (const std::string& text : troubles_) {
      if (!text.empty()) all += (all.empty() ? "" : "; ") + text;
    }
    if (!all.empty()) return all;
    return last_log_.empty() ? "the API server has not sent everything in time" : last_log_;
  }

 private:
  Inventory& objects_;
  std::array<std::string, zones::kKinds> troubles_;
  std::array<bool, zones::kKinds> read_{};
  std::string last_log_;
};

}  // namespace

ClusterView load_cluster(const k8s_watch::WatchOptions& options, std::chrono::seconds patience) {
  k8s_watch::check_watch(options);  // of manifests that cannot be read nobody needs to wait
  ClusterView view;
  asio::io_context io(1);
  const auto collector = std::make_shared<Collector>(view.objects);
  const auto publish = [&](const zones::SnapshotPtr& snapshot) {
    view.snapshot = snapshot;
    if (snapshot->synced()) io.stop();
  };
  const auto watch = k8s_watch::make_watch(io, options, publish, collector);
  watch->start();
  io.run_for(patience);
  watch->stop();
  io.restart();
  io.run_for(kToStop);
  if (!view.snapshot->synced()) view.trouble = collector->trouble_text();
  view.read = collector->read();
  view.details = k8s_watch::object_source(options, patience);
  return view;
}

}  // namespace fairlead::plugins::kubernetes
