// A configuration on its way to being served, and while it is: blocks, and all that they asked for.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plugins/building.h"
#include "plugins/config.h"
#include "query/routing.h"
#include "server/listeners.h"

namespace fairlead::server {

/// Used by the control thread. What is destroyed with it serves no longer.
class Deployment {
 public:
  /// Builds all blocks. Throws std::runtime_error; then nothing has changed but that Site::kept may
  /// hold more.
  Deployment(plugins::Config config, plugins::Site& site);

  [[nodiscard]] const plugins::Config& config() const { return config_; }
  [[nodiscard]] std::span<const plugins::Listening> listening() const { return listening_; }

  /// How often CoreDNS names an address in the log when it starts: once for each socket that the
  /// Corefile asks for.
  [[nodiscard]] size_t start_lines(const net::ListenAddress& address, size_t workers) const;

  /// The start checks that have not been fulfilled.
  [[nodiscard]] std::vector<const plugins::StartCheck*> waits_for() const;
  /// Of all that this waits for.
  [[nodiscard]] std::chrono::nanoseconds patience() const;
  /// Some start check was fulfilled: there is data that is served.
  [[nodiscard]] bool has_data() const;

  [[nodiscard]] std::vector<http::HttpRoute> routes() const;

  /// One worker's view of it.
  [[nodiscard]] std::shared_ptr<const query::Routing> routing(size_t worker,
                                                              const Listeners& listeners) const;

  /// Its part of `fairlead status`, each line once.
  [[nodiscard]] std::vector<plugins::StatusLine> status() const;

  /// What /ready and /metrics tell of it.
  void show() const;

  /// Sockets are open and workers have it: starts what runs as long as it is served, and the log
  /// has the level it asks for.
  void begin();

  /// Ends that.
  void end() { running_.clear(); }

  /// The end of the last one: /ready and /metrics hold nothing of it any more.
  static void hide(plugins::Site& site);

  [[nodiscard]] std::chrono::nanoseconds lameduck() const;

 private:
  void encrypt_listening();
  void show_plugins() const;

  const plugins::Config config_;
  plugins::Site& site_;
  std::vector<plugins::Listening> listening_;
  std::vector<plugins::Built> built_;
  std::vector<std::shared_ptr<void>> running_;
};

}  // namespace fairlead::server
