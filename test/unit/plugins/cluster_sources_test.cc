#include "plugins/kubernetes/cluster_sources.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>

#include "test/unit/support/client.h"

using namespace fairlead;
using test::eventually;

namespace {

/// A folder of manifests with one namespace, gone at the end.
class Manifests {
 public:
  explicit Manifests(const std::string& namespace_name) {
    std::string path = std::filesystem::temp_directory_path() / "fairlead-XXXXXX";
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    folder_ = path;
    std::ofstream(folder_ / "namespace.yaml")
        << "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " << namespace_name << '\n';
  }
  ~Manifests() { std::filesystem::remove_all(folder_); }
  Manifests(const Manifests&) = delete;
  Manifests& operator=(const Manifests&) = delete;

  [[nodiscard]] k8s_watch::WatchOptions options() const { return {.manifests_path = folder_}; }

 private:
  std::filesystem::path folder_;
};

/// The last snapshot of each source.
class Published {
 public:
  void operator()(size_t source, const zones::SnapshotPtr& snapshot) {
    const std::lock_guard lock(mutex_);
    last_[source] = snapshot;
  }
  zones::SnapshotPtr last(size_t source) {
    const std::lock_guard lock(mutex_);
    return last_[source];
  }

 private:
  std::mutex mutex_;
  std::map<size_t, zones::SnapshotPtr> last_;
};

}  // namespace

TEST_CASE(
    "cluster sources: one for each set of options; what a stopped one published is given up") {
  const Manifests first("one");
  const Manifests second("two");
  const net::FileDescriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  net::LogSink log(nowhere.get());
  metrics::Metrics metrics(1);
  Published published;
  plugins::kubernetes::ClusterSources sources(log, metrics, std::ref(published));

  const size_t a = sources.acquire(first.options());
  CHECK(sources.acquire(first.options()) == a);
  const size_t b = sources.acquire(second.options());
  CHECK(b != a);
  REQUIRE(eventually([&] { return sources.synced(a) && sources.synced(b); }));
  CHECK(published.last(a)->has_namespace("one"));
  CHECK(published.last(b)->has_namespace("two"));

  sources.keep_only({std::nullopt, b});
  CHECK_FALSE(sources.synced(a));
  CHECK_FALSE(published.last(a)->has_namespace("one"));
  CHECK_FALSE(published.last(a)->synced());
  CHECK(sources.synced(b));
  CHECK(published.last(b)->has_namespace("two"));

  const size_t again = sources.acquire(first.options());
  CHECK(again == a);
  CHECK(eventually([&] { return sources.synced(again); }));
  CHECK(published.last(again)->has_namespace("one"));
}
