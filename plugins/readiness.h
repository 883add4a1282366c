// Whether every directive that has something to wait for is ready, and what else whoever asks
// should know.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/built.h"

namespace fairlead::plugins {

/// One per process. Control thread.
class Readiness {
 public:
  /// The checks and notes of a configuration, with nothing latched.
  void set(std::vector<ReadyCheck> checks, std::vector<std::function<std::string()>> notes);

  /// Asks a directive again that was ready once.
  void ask_continuously(bool continuously) { continuously_ = continuously; }

  /// No block is served before this, so nothing is ready.
  void set_serving() { serving_ = true; }

  /// From now on is_shutting_down().
  void shut_down() { shutting_down_ = true; }
  [[nodiscard]] bool is_shutting_down() const { return shutting_down_; }

  struct Report {
    std::string missing;  // names, sorted, each once, comma-separated; empty: ready
    std::string why;      // lines, each with its line end in front; none twice
  };
  Report ask();

  /// Troubles that are no reason to take this server out of service: lines as in Report::why.
  [[nodiscard]] std::string notes() const;

  /// Why the Corefile that is there is not what is served; empty: it is. Cut to one line of
  /// kMaxText octets.
  void set_reload_trouble(std::string_view text);
  /// That as a line, which is among notes() too; empty without.
  [[nodiscard]] const std::string& reload_note() const { return reload_note_; }

  static constexpr size_t kMaxText = 512;

 private:
  std::vector<ReadyCheck> checks_;
  std::vector<std::function<std::string()>> notes_;
  std::string reload_note_;
  bool continuously_ = false;
  bool serving_ = false;
  bool shutting_down_ = false;
};

}  // namespace fairlead::plugins
