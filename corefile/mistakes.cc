#include "corefile/mistakes.h"

#include <algorithm>
#include <exception>
#include <tuple>

namespace fairlead::corefile {
namespace {

Mistake mistake_of(const std::exception& error) {
  const auto* const placed = dynamic_cast<const ConfigError*>(&error);
  if (placed == nullptr) return {.text = error.what(), .file = {}};
  return {.text = error.what(), .file = placed->file(), .line = placed->line()};
}

}  // namespace

void Mistakes::add(const std::exception& error) {
  Mistake mistake = mistake_of(error);
  if (std::ranges::find(all_, mistake) != all_.end()) return;
  if (all_.size() == kMost) {
    ++left_out_;
    return;
  }
  all_.push_back(std::move(mistake));
}

std::vector<Mistake> Mistakes::sorted() const {
  std::vector<std::string> files;
  for (const Mistake& mistake : all_) {
    const bool known = std::ranges::find(files, mistake.file) != files.end();
    if (!known && !mistake.file.empty()) files.push_back(mistake.file);
  }
  files.emplace_back();
  std::vector<Mistake> sorted = all_;
  std::ranges::stable_sort(sorted, {}, [&](const Mistake& mistake) {
    return std::tuple(std::ranges::find(files, mistake.file) - files.begin(), mistake.line);
  });
  return sorted;
}

}  // namespace fairlead::corefile
