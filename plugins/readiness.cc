#include "plugins/readiness.h"

#include <set>
#include <utility>

#include "dns/printable.h"

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
  std::string all = reload_note_;
  for (const auto& note : notes_) add_once(all, note());
  return all;
}

void Readiness::set_reload_trouble(std::string_view text) {
  reload_note_.clear();
  if (text.empty()) return;
  reload_note_ = "\nreload: " + dns::one_line(text.substr(0, kMaxText));
  if (text.size() > kMaxText) reload_note_ += "...";
}

}  // namespace fairlead::plugins
