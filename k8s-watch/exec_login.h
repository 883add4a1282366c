// The credentials of a user that a program gets (exec_plugin.h): kept until they expire, got again
// when they do, or when the API server refuses them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "k8s-watch/child_process.h"
#include "k8s-watch/exec_plugin.h"
#include "k8s-watch/kubeconfig.h"
#include "k8s-watch/watch.h"
#include "net/asio.h"

namespace fairlead::k8s_watch {

/// Owned and used by the thread that runs the io_context.
class ExecLogin {
 public:
  /// `observer` hears of what the program writes to its standard error. `patience`: then it is
  /// killed.
  ExecLogin(asio::io_context& io, Observer& observer,
            std::chrono::milliseconds patience = std::chrono::minutes(1))
      : io_(io), observer_(observer), patience_(patience) {}

  /// What it got last; empty before.
  [[nodiscard]] const ExecCredential& credential() const { return credential_; }
  /// Changes with the credential; 0: there is none.
  [[nodiscard]] uint64_t generation() const { return generation_; }
  /// A request that begins now need not wait for another one.
  [[nodiscard]] bool is_fresh() const;
  /// It has not expired, though another one would be better.
  [[nodiscard]] bool is_usable() const;

  /// The API server has refused the credential of that generation.
  void refused(uint64_t generation) {
    if (generation == generation_) refused_ = true;
  }
  /// It was another program's.
  void forget();

  /// Runs the program that `access` names, unless it runs already. `done` is called from the
  /// io_context, when the credential has changed or with why it has not, in one line.
  void run(const ApiAccess& access, std::function<void(const std::string& trouble)> done);

 private:
  void take(const ProgramEnd& end, const ExecPlugin& plugin);

  asio::io_context& io_;
  Observer& observer_;
  const std::chrono::milliseconds patience_;
  std::unique_ptr<ChildProcess> running_;
  ExecCredential credential_;
  std::chrono::system_clock::time_point renew_at_;  // counts where it expires
  uint64_t generation_ = 0;
  uint64_t last_generation_ = 0;
  bool refused_ = false;
};

}  // namespace fairlead::k8s_watch
