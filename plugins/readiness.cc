#include "plugins/readiness.h"

#include <set>
#include <utility>

namespace fairlead::plugins {
namespace {

// Blocks may share what it is about.
void add_once(std::string& all, const std::string& text) {
  if (all.find(text) == std::string::npos) all += text;
}

}  // namespace

void Readiness::set(std::vector<ReadyCheck> checks,
                    std::vector<std::function<std::string()>> notes) {
  checks_ = std::move(checks);
  notes_ = std::move(notes);
}

// Before the first sockets are open nobody can be answered, whatever is known.
Readiness::Report Readiness::ask() {
  Report report;
  std::set<std::string> missing;
  for (ReadyCheck& check : checks_) {
    if (!check.ready) continue;
    if (serving_ && check.ready()) {
      // Latched: a directive that lost its backend goes on answering with what it has.
      if (!continuously_) check.ready = nullptr;
      continue;
    }
    missing.insert(check.directive);
    if (check.why) add_once(report.why, check.why());
  }
  for (const std::string& name : missing)
    report.missing += (report.missing.empty() ? "" : ",") + name;
  return report;
}

std::string Readiness::notes() const {
  std::string all;
  for (const auto& note : notes_) add_once(all, note());
  return all;
}

}  // namespace fairlead::plugins
