// A folder of zone files, walked at intervals.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/asio.h"
#include "net/log.h"
#include "plugins/auto/setup.h"
#include "plugins/zone_files.h"

namespace fairlead::plugins::auto_ {

/// A file, and the zone that its name stands for.
struct Found {
  dns::Name origin;
  std::string path;
};

/// What one walk sees: for each origin its first file, in lexical order, folder by folder; what a
/// ConfigMap's mount keeps behind names that begin with ".." is not walked into. Symbolic links to
/// files count as files, those to folders are not followed, but for the first. At most kMaxFiles
/// entries and kMaxDepth folders deep. Of several files the one in `served` stays, whatever came
/// before it. `warnings` has what could not be looked at, and files that
/// came too late.
struct Walked {
  static constexpr size_t kMaxFiles = 100'000;
  static constexpr size_t kMaxDepth = 32;

  std::vector<Found> found;
  std::vector<std::string> warnings;
};
using Served = std::map<std::string, Found>;  // by path
Walked walk(const Options& options, const Served& served = {});

/// Keeps the zones of a folder as its files come and go. Made by make_shared; used and destroyed by
/// the control thread.
class Folder : public std::enable_shared_from_this<Folder> {
 public:
  /// `context` and `log` must outlive it.
  Folder(const Options& options, asio::io_context& context, net::LogSink& log,
         std::unique_ptr<ZoneFiles::Place> place);

  void start();
  /// Looks at everything, as when its time had come.
  void look();

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const std::shared_ptr<ZoneFiles>& files() const { return files_; }

 private:
  void wait();
  bool add(const Found& found);
  bool remove_others(const std::vector<Found>& found);
  /// Logs what was not logged of `about` before.
  void warn_once(const std::string& about, const std::string& warning);

  const Options options_;
  net::LogSink& log_;
  const std::shared_ptr<ZoneFiles> files_;
  Served served_;
  std::map<std::string, std::string> told_, telling_;  // the last walk's warnings, and this one's
  net::Timer timer_;
};

}  // namespace fairlead::plugins::auto_
