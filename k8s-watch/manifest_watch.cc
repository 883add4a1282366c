// The part of manifests.h that touches files and clocks.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "k8s-watch/label_selector.h"
#include "k8s-watch/manifests.h"
#include "net/asio.h"
#include "net/file.h"
#include "zones/store.h"

namespace fairlead::k8s_watch {
namespace {

namespace fs = std::filesystem;
using zones::Kind;

constexpr size_t kMaxTotal = 64U << 20U;
constexpr size_t kMaxFiles = 4096;
constexpr time_t kSettled =
    2;  // seconds after which a file's time stamp tells that it has not changed since
constexpr int kPatience = 3;  // looks at which files that change may be left to change further

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw std::runtime_error(path + ": " + why);
}

bool is_manifest(const fs::path& path) {
  const std::string extension = path.extension().string();
  return !path.filename().string().starts_with('.') &&
         (extension == ".yaml" || extension == ".yml" || extension == ".json");
}

/// The files to read, by name.
std::vector<std::string> list_files(const std::string& path) {
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) fail(path, "no such file or folder");
  if (!fs::is_directory(status)) return {path};
  std::vector<std::string> files;
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    // A folder that looks like a manifest, or a link that leads nowhere at the moment, is passed
    // over.
    if (is_manifest(entry->path()) && fs::is_regular_file(entry->path(), ignored))
      files.push_back(entry->path().string());
    if (files.size() > kMaxFiles) fail(path, "too many files");
  }
  if (error) fail(path, error.message());
  std::ranges::sort(files);
  return files;
}

std::string read_file(const std::string& path, size_t max) {
  std::string text;
  const int error = net::read_file(path, max, text);
  if (error == EFBIG) fail(path, "the manifests are larger than 64 MiB together");
  if (error != 0) fail(path, "cannot be read");
  return text;
}

/// What stat(2) says of a file when it is looked at; equal stamps of a settled file mean equal
/// content.
using Stamp = std::tuple<std::string, dev_t, ino_t, off_t, time_t, long>;

struct Stamps {
  std::vector<Stamp> files;
  bool settled = true;
};

Stamps look_at(const std::string& path) {
  Stamps result;
  const time_t now = std::time(nullptr);
  for (const std::string& file : list_files(path)) {
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0) fail(file, "cannot be read");
    result.files.emplace_back(file, found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec,
                              found.st_mtim.tv_nsec);
    if (found.st_mtim.tv_sec > now - kSettled) result.settled = false;
  }
  return result;
}

/// A fingerprint of all that was read. It guards against nothing but a needless reload.
size_t fingerprint(const std::vector<ManifestFile>& files) {
  size_t value = files.size();
  for (const ManifestFile& file : files) {
    value = value * 31 + std::hash<std::string>()(file.name);
    value = value * 31 + std::hash<std::string>()(file.text);
  }
  return value;
}

class ManifestWatch final : public ClusterWatch {
 public:
  ManifestWatch(asio::io_context& io, const WatchOptions& options, Publish publish,
                std::shared_ptr<Observer> observer, std::chrono::milliseconds interval)
      : options_(options),
        publish_(std::move(publish)),
        observer_(std::move(observer)),
        interval_(interval),
        timer_(io),
        store_({.endpoint_pod_names = options.endpoint_pod_names}) {
    LabelSelector::parse(options.labels);
    LabelSelector::parse(options.namespace_labels);
    list_files(options.manifests_path);
  }

  void start() override { wait({}); }
  void stop() override {
    stopped_ = true;
    timer_.cancel();
  }

 private:
  void wait(std::chrono::milliseconds time);
  void look();
  bool being_written(const std::vector<Stamp>& files);
  void tell_skipped(const ManifestObjects& objects);
  void reload(const std::vector<ManifestFile>& files);
  template <typename Objects>
  void replace(Kind kind, const Objects& objects);
  // Imports are no kind of a cluster that does not ask for them.
  [[nodiscard]] bool is_read(Kind kind) const {
    return kind != Kind::ServiceImport || options_.extras.imports;
  }
  void complain(const std::string& text);

  const WatchOptions options_;
  const Publish publish_;
  const std::shared_ptr<Observer> observer_;
  const std::chrono::milliseconds interval_;
  asio::steady_timer timer_;
  zones::Store store_;
  Stamps seen_;                   // when they were read last
  std::vector<Stamp> looked_;     // at the last look
  int unfinished_ = 0;            // looks in a row that found files changing
  std::optional<size_t> read_;    // fingerprint of what was read last
  std::set<std::string> filled_;  // files that were not empty in the last good state
  std::string complaint_;         // what was logged last; empty when all is well
  bool stopped_ = false;
  // A handler of the timer may still be queued when the watch is destroyed.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

void ManifestWatch::wait(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait(
      [this, alive = std::weak_ptr<bool>(alive_)](const boost::system::error_code& error) {
        if (error || alive.expired() || stopped_) return;
        look();
        if (!stopped_) wait(interval_);
      });
}

void ManifestWatch::look() {
  Stamps stamps;
  std::vector<ManifestFile> files;
  try {
    stamps = look_at(options_.manifests_path);
    if (read_ && seen_.settled && stamps.files == seen_.files) return;
    if (being_written(stamps.files)) return;
    files = load_manifest_files(options_.manifests_path);
  } catch (const std::exception& error) {
    read_.reset();
    complain(error.what());
    return;
  }
  seen_ = std::move(stamps);
  try {
    reload(files);
  } catch (const std::exception& error) {
    complain(error.what());
  }
}

// Half a file may well be readable, and then half of the names would be gone: what has changed
// since the last look is left until the next. Not for ever, and not when there is nothing to lose.
bool ManifestWatch::being_written(const std::vector<Stamp>& files) {
  const bool changing = std::exchange(looked_, files) != files;
  unfinished_ = changing ? unfinished_ + 1 : 0;
  return store_.synced() && changing && unfinished_ < kPatience;
}

void ManifestWatch::tell_skipped(const ManifestObjects& objects) {
  for (const auto& [kind, skip] : objects.skipped) {
    observer_->object_skipped(kind, skip.reason);
    observer_->log(LogLevel::Warning, std::string(zones::resource_name(kind)) + " " +
                                          skip.key.namespace_name + "/" + skip.key.name +
                                          (skip.whole ? " skipped (" : " skipped in part (") +
                                          skip.reason + "): " + skip.detail);
  }
}

void ManifestWatch::reload(const std::vector<ManifestFile>& files) {
  const size_t content = fingerprint(files);
  if (read_ == content) return;
  read_ = content;
  // `kubectl get … > FILE` empties the file long before it fills it.
  for (const ManifestFile& file : files) {
    if (file.text.empty() && filled_.contains(file.name)) fail(file.name, "empty");
  }
  const ManifestObjects objects = read_manifests(files, options_);
  if (files.empty()) {
    observer_->log(LogLevel::Warning, "no manifests in " + options_.manifests_path +
                                          ": its *.yaml, *.yml and *.json files are read");
  }
  filled_.clear();
  for (const ManifestFile& file : files) {
    if (!file.text.empty()) filled_.insert(file.name);
  }
  tell_skipped(objects);
  replace(Kind::Namespace, objects.namespaces);
  replace(Kind::Service, objects.services);
  replace(Kind::EndpointSlice, objects.slices);
  replace(Kind::Pod, objects.pods);
  replace(Kind::ServiceImport, objects.imports);
  const bool first = !store_.synced();
  store_.set_synced();
  store_.set_imports_synced();
  if (!first && complaint_.empty())
    observer_->log(LogLevel::Info, "manifests reloaded from " + options_.manifests_path);
  if (!complaint_.empty())
    observer_->log(LogLevel::Info, "manifests can be read again: " + options_.manifests_path);
  complaint_.clear();
  if (first || store_.dirty()) publish_(store_.freeze(static_cast<uint32_t>(std::time(nullptr))));
  for (size_t kind = 0; kind < zones::kKinds; ++kind) {
    if (is_read(static_cast<Kind>(kind)))
      observer_->stored(static_cast<Kind>(kind), store_.size(static_cast<Kind>(kind)));
  }
}

template <typename Objects>
void ManifestWatch::replace(Kind kind, const Objects& objects) {
  if (!is_read(kind)) return;
  store_.begin_relist(kind);
  for (const auto& [key, object] : objects) {
    store_.put(object);
    if (ObjectObserver* wanted = observer_->objects()) wanted->entered(object);
  }
  const size_t removed = store_.end_relist(kind);
  observer_->relisted(kind, "manifests", removed);
  observer_->event(kind);
}

void ManifestWatch::complain(const std::string& text) {
  if (text == complaint_) return;
  complaint_ = text;
  observer_->log(LogLevel::Error, text + (store_.synced() ? " (the last good state stays)" : ""));
}

}  // namespace

std::vector<ManifestFile> load_manifest_files(const std::string& path) {
  std::vector<ManifestFile> files;
  size_t total = 0;
  for (std::string& name : list_files(path)) {
    std::string text = read_file(name, kMaxTotal - total);
    total += text.size();
    files.push_back({std::move(name), std::move(text)});
  }
  return files;
}

std::unique_ptr<ClusterWatch> make_manifest_watch(boost::asio::io_context& io,
                                                  const WatchOptions& options, Publish publish,
                                                  std::shared_ptr<Observer> observer,
                                                  std::chrono::milliseconds interval) {
  return std::make_unique<ManifestWatch>(io, options, std::move(publish), std::move(observer),
                                         interval);
}

}  // namespace fairlead::k8s_watch
