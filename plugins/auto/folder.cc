#include "plugins/auto/folder.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace fairlead::plugins::auto_ {
namespace {

namespace fs = std::filesystem;

class Walk {
 public:
  Walk(const Options& options, const Served& served) : options_(options), served_(served) {}

  void folder(const fs::path& path, size_t depth) {
    std::vector<fs::directory_entry> entries;
    std::error_code error;
    for (fs::directory_iterator at(path, error); !error && at != fs::directory_iterator();
         at.increment(error)) {
      if (++seen_ > Walked::kMaxFiles) {
        walked.warnings.push_back("More files than " + std::to_string(Walked::kMaxFiles) + " in " +
                                  path.string());
        break;
      }
      entries.push_back(*at);
    }
    if (error) walked.warnings.push_back("error reading " + path.string() + ": " + error.message());
    std::ranges::sort(entries, {}, [](const auto& entry) { return entry.path().filename(); });
    for (const fs::directory_entry& entry : entries) {
      std::error_code unknown;  // what cannot be told apart is neither
      const std::string name = entry.path().filename().string();
      const fs::file_type type = entry.symlink_status(unknown).type();
      if (type == fs::file_type::directory) {
        const bool wanted = options_.with_folders && !name.starts_with("..");
        if (wanted && depth < Walked::kMaxDepth) folder(entry.path(), depth + 1);
      } else if (entry.is_regular_file(unknown)) {
        file(name, entry.path().string());
      }
    }
  }

  Walked walked;

 private:
  void file(const std::string& name, const std::string& path) {
    const auto origin = options_.pattern.origin_of(name);
    if (!origin) return;
    const std::string zone = dns::to_text(origin->view());
    const auto [known, is_new] = places_.try_emplace(zone, walked.found.size());
    if (is_new) {
      walked.found.push_back({*origin, path});
      return;
    }
    std::string& used = walked.found[known->second].path;
    std::string other = path;
    if (served_.contains(other)) std::swap(used, other);
    walked.warnings.push_back("Multiple zone files match origin \"" + zone + "\": using \"" + used +
                              "\" instead of \"" + other + "\"");
  }

  const Options& options_;
  const Served& served_;
  std::map<std::string, size_t> places_;  // in walked.found, by origin
  size_t seen_ = 0;
};

}  // namespace

Walked walk(const Options& options, const Served& served) {
  Walk walking(options, served);
  std::error_code error;
  if (fs::exists(options.folder, error)) walking.folder(options.folder, 0);
  return std::move(walking.walked);
}

Folder::Folder(const Options& options, asio::io_context& context, net::LogSink& log,
               std::unique_ptr<ZoneFiles::Place> place)
    : options_(options),
      log_(log),
      files_(std::make_shared<ZoneFiles>(context, log, std::move(place))),
      timer_(context) {}

void Folder::start() {
  look();
  files_->publish();
  wait();
}

void Folder::wait() {
  if (options_.reload.count() <= 0) return;
  timer_.expires_after(options_.reload);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->look();
    self->wait();
  });
}

void Folder::look() {
  const Walked walked = walk(options_, served_);
  for (const std::string& warning : walked.warnings) warn_once(warning, warning);
  bool changed = remove_others(walked.found);
  files_->check_now();
  for (const Found& found : walked.found)
    if (!served_.contains(found.path)) changed = add(found) || changed;
  told_ = std::exchange(telling_, {});
  if (changed) files_->publish();
}

bool Folder::remove_others(const std::vector<Found>& found) {
  std::set<std::string> paths;
  for (const Found& one : found) paths.insert(one.path);
  return std::erase_if(served_, [&](const auto& served) {
           const auto& [path, zone] = served;
           if (paths.contains(path)) return false;
           log_.write(net::LogLevel::Info, "auto",
                      "Deleting zone `" + dns::to_text(zone.origin.view()) + "'");
           files_->remove(zone.origin);
           return true;
         }) > 0;
}

// The zones are looked at by look() alone, after the walk, so that what is gone is not missed.
bool Folder::add(const Found& found) {
  const std::string name = dns::to_text(found.origin.view());
  ZoneSource source;
  source.origin = found.origin;
  source.path = found.path;
  source.reload = {};
  const std::string problem = problem_of(files_->add(source));
  if (!problem.empty()) {
    files_->remove(found.origin);
    warn_once(found.path, "Parse zone `" + name + "': " + problem);
    return false;
  }
  log_.write(net::LogLevel::Info, "auto", "Inserting zone `" + name + "' from: " + found.path);
  served_.emplace(found.path, found);
  return true;
}

void Folder::warn_once(const std::string& about, const std::string& warning) {
  const auto before = told_.find(about);
  if (before == told_.end() || before->second != warning)
    log_.write(net::LogLevel::Warning, "auto", warning);
  telling_[about] = warning;
}

}  // namespace fairlead::plugins::auto_
