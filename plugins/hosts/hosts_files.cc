#include "plugins/hosts/hosts_files.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace fairlead::plugins::hosts {

HostsFiles::HostsFiles(asio::io_context& context, net::LogSink& log, Publish publish)
    : context_(context), log_(log), publish_(std::move(publish)) {}

size_t HostsFiles::acquire(const plugins::hosts::Options& options) {
  const auto same = std::ranges::find_if(
      files_, [&](const auto& file) { return file && file->options == options; });
  if (same != files_.end()) return static_cast<size_t>(same - files_.begin());
  auto place = std::ranges::find(files_, nullptr);
  if (place == files_.end()) place = files_.insert(files_.end(), nullptr);
  *place = std::make_shared<File>(context_, options);
  const auto number = static_cast<size_t>(place - files_.begin());
  check(number);
  return number;
}

void HostsFiles::check(size_t number) {
  const auto change = files_[number]->watch.check(std::chrono::system_clock::now());
  for (const std::string& warning : change.warnings)
    log_.write(net::LogLevel::Warning, "hosts", warning);
  if (change.table) publish_(number, change.table);
  schedule(number);
}

void HostsFiles::schedule(size_t number) {
  File& file = *files_[number];
  if (file.options.reload.count() <= 0) return;
  file.timer.expires_after(file.options.reload);
  // The file may have gone, and another taken its number, before the timer is heard.
  file.timer.async_wait(
      [this, number, weak = std::weak_ptr(files_[number])](const boost::system::error_code& error) {
        if (!error && !weak.expired() && files_[number] == weak.lock()) check(number);
      });
}

void HostsFiles::keep_only(const std::vector<std::optional<size_t>>& numbers) {
  for (size_t i = 0; i < files_.size(); ++i) {
    if (std::ranges::find(numbers, std::optional(i)) == numbers.end()) files_[i].reset();
  }
}

std::vector<metrics::BackendTotals::HostsFile> HostsFiles::totals() const {
  std::vector<metrics::BackendTotals::HostsFile> all;
  for (const auto& file : files_) {
    if (file) all.push_back({file->watch.path(), file->watch.entries(), file->watch.file_time()});
  }
  return all;
}

}  // namespace fairlead::plugins::hosts
