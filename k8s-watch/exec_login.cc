#include "k8s-watch/exec_login.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "dns/printable.h"

namespace fairlead::k8s_watch {
namespace {

using SystemClock = std::chrono::system_clock;

constexpr size_t kMostOutput = 1U << 20U;
constexpr size_t kLongestTrouble = 500;
// So long before it expires it is got again, but for one of a short life.
constexpr std::chrono::minutes kAhead{1};
constexpr int kShareAhead = 5;

std::string name_of(const ExecPlugin& plugin) {
  return "exec plugin " + dns::printable(plugin.command, kLongestTrouble);
}

Program program_of(const ApiAccess& access, std::chrono::milliseconds patience) {
  const ExecPlugin& plugin = *access.exec;
  Program program{.command = plugin.command,
                  .args = plugin.args,
                  .env = {},
                  .patience = patience,
                  .most_output = kMostOutput};
  for (const auto& [name, value] : plugin.env) program.env[name] = value;
  program.env["KUBERNETES_EXEC_INFO"] = exec_info(access);
  return program;
}

}  // namespace

bool ExecLogin::is_fresh() const {
  return generation_ != 0 && !refused_ && (!credential_.expires || SystemClock::now() < renew_at_);
}

bool ExecLogin::is_usable() const {
  return generation_ != 0 && (!credential_.expires || SystemClock::now() < *credential_.expires);
}

void ExecLogin::forget() {
  running_.reset();
  credential_ = {};
  generation_ = 0;
}

void ExecLogin::run(const ApiAccess& access, std::function<void(const std::string& trouble)> done) {
  if (running_) return;
  const std::string name = name_of(*access.exec);
  running_ = std::make_unique<ChildProcess>(
      io_, program_of(access, patience_),
      [this, name](const std::string& line) { observer_.log(LogLevel::Info, name + ": " + line); },
      [this, name, plugin = *access.exec, done = std::move(done)](const ProgramEnd& end) {
        std::string trouble;
        try {
          take(end, plugin);
        } catch (const std::exception& error) {
          trouble = name + ": " + error.what();
        }
        running_.reset();
        done(trouble);
      });
}

void ExecLogin::take(const ProgramEnd& end, const ExecPlugin& plugin) {
  if (!end.trouble.empty()) {
    const bool hint = end.not_found && !plugin.install_hint.empty();
    throw std::runtime_error(
        end.trouble + (hint ? "; " + dns::printable(plugin.install_hint, kLongestTrouble) : ""));
  }
  credential_ = parse_exec_credential(end.output, plugin.api_version);
  generation_ = ++last_generation_;
  refused_ = false;
  if (!credential_.expires) return;
  const auto life = *credential_.expires - SystemClock::now();
  renew_at_ = *credential_.expires - std::min<SystemClock::duration>(kAhead, life / kShareAhead);
}

}  // namespace fairlead::k8s_watch
