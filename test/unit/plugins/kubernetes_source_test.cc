#include <doctest/doctest.h>
#include <fcntl.h>

#include <memory>
#include <string>

#include "plugins/kubernetes/source.h"
#include "test/unit/support/client.h"
#include "test/unit/support/temporary_folder.h"

namespace fairlead::plugins::kubernetes {
using test::eventually;

namespace {

/// A folder of manifests with one namespace, gone at the end.
class Manifests {
 public:
  explicit Manifests(const std::string& namespace_name) {
    folder_.write("namespace.yaml",
                  "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: " + namespace_name + '\n');
  }

  [[nodiscard]] k8s_watch::WatchOptions options() const {
    return {.manifests_path = folder_.path("")};
  }

 private:
  const test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("kubernetes source: what it lists is published, and given up with it") {
  const Manifests manifests("one");
  const net::FileDescriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  net::LogSink log(nowhere.get());
  asio::io_context control;
  query::LiveBoard board;
  query::Live live;
  auto source = std::make_unique<plugins::kubernetes::Source>(
      manifests.options(), log, std::make_shared<plugins::kubernetes::KubernetesFamilies>(),
      std::make_shared<ClusterVersions>(control, board.place<zones::Snapshot>(),
                                        std::make_shared<LastSerial>()));
  const auto at = source->at();
  board.read(live);
  REQUIRE(live.get(at) != nullptr);
  CHECK_FALSE(live.get(at)->synced());  // nothing is known yet
  CHECK(source->options() == manifests.options());
  source->start();
  REQUIRE(eventually([&] { return source->synced(); }));
  board.read(live);
  CHECK(live.get(at)->has_namespace("one"));
  source.reset();
  board.read(live);
  CHECK(live.get(at) == nullptr);
}

}  // namespace fairlead::plugins::kubernetes
