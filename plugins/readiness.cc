#include "plugins/readiness.h"

#include <utility>

namespace fairlead::plugins {

void Readiness::set(std::vector<ReadyCheck> checks,
                    std::vector<std::function<std::string()>> notes) {
  checks_ = std::move(checks);
  notes_ = std::move(notes);
}

// Before the first sockets are open nobody can be answered, whatever is known.
Readiness::Report Readiness::ask() {
  Report report;
  for (ReadyCheck& check : checks_) {
    if (!check.ready) continue;
    if (serving_ && check.ready()) {
      // Latched: a directive that lost its backend goes on answering with what it has.
      if (!continuously_) check.ready = nullptr;
      continue;
    }
    if (!report.missing.empty()) report.missing += ',';
    report.missing += check.directive;
    if (check.why) report.why += check.why();
  }
  return report;
}

std::string Readiness::notes() const {
  std::string all;
  for (const auto& note : notes_) {
    const std::string text = note();
    if (all.find(text) == std::string::npos) all += text;  // blocks may share what it is about
  }
  return all;
}

}  // namespace fairlead::plugins
