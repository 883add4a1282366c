// The reload directive: looks at the Corefile from time to time.
#include <chrono>
#include <memory>
#include <random>
#include <string>

#include "metrics/metrics.h"
#include "net/asio.h"
#include "net/prng.h"
#include "plugins/building.h"
#include "plugins/reload/setup.h"

namespace fairlead::plugins::reload {
namespace {

// Control thread.
class Reloader : public std::enable_shared_from_this<Reloader> {
 public:
  Reloader(Site& site, const Options& options)
      : timer_(site.control), look_(site.look_for_reload), options_(options) {}

  void wait() {
    timer_.expires_after(next_interval());
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (error || !self) return;
      self->wait();
      self->look_();  // may be the end of this
    });
  }

 private:
  // interval ± jitter / 2, so that a fleet does not read its ConfigMap in step.
  std::chrono::nanoseconds next_interval() {
    std::uniform_int_distribution<int64_t> spread(-options_.jitter.count() / 2,
                                                  options_.jitter.count() / 2);
    return options_.interval + std::chrono::nanoseconds(spread(random_));
  }

  net::Timer timer_;
  const std::function<void()> look_;
  const Options options_;
  net::Prng random_ = net::Prng::from_system();
};

struct Families {
  metrics::ScalarFamily version{metrics::ScalarFamily::Type::Gauge,
                                {"coredns_reload_version_info",
                                 "A metric with a constant '1' value labeled by the hash of the "
                                 "running configuration.",
                                 {"hash", "value"}}};
};

std::shared_ptr<Families> families(Site& site) {
  return site.kept.process<Families>([&] {
    auto made = std::make_shared<Families>();
    site.metrics.collect_from(
        [made](metrics::FamilySet& set) { made->version.collect(set.others()); });
    return made;
  });
}

// The label set goes when the configuration goes.
struct ShownVersion {
  ShownVersion(std::shared_ptr<Families> shown, const std::string& hash)
      : families(std::move(shown)) {
    families->version.clear();
    families->version.set({"sha512", hash}, 1);
  }
  ~ShownVersion() { families->version.clear(); }
  ShownVersion(const ShownVersion&) = delete;
  ShownVersion& operator=(const ShownVersion&) = delete;

  const std::shared_ptr<Families> families;
  std::shared_ptr<Reloader> reloader;
};

}  // namespace

// Of several blocks the first one's times hold.
void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) {
    if (building.used_before()) return;
    building.while_served([&site = building.site(), options, hash = building.hash()] {
      auto version = std::make_shared<ShownVersion>(families(site), hash);
      site.log.write(net::LogLevel::Info, "reload", "Running configuration SHA512 = " + hash);
      version->reloader = std::make_shared<Reloader>(site, options);
      version->reloader->wait();
      return version;
    });
  });
}

}  // namespace fairlead::plugins::reload
