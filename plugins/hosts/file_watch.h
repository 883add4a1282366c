// The hosts file as it changes. One thread (the control thread) uses a FileWatch; the tables it
// makes go to the workers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/file_stamp.h"
#include "plugins/hosts/setup.h"
#include "plugins/hosts/table.h"

namespace fairlead::plugins::hosts {

// Larger files are not read.
inline constexpr size_t kMaxFileBytes = 16u << 20;

struct Change {
  std::shared_ptr<const Table> table;  // null: nothing new
  std::vector<std::string> warnings;   // for the log: lines without `plugin/hosts: `
};

class FileWatch {
 public:
  explicit FileWatch(const Options& options);

  // Looks at the file and reads it when it is another one than before: by device, inode, size and
  // times through symbolic links, so that a file rewritten in place and the swapped `..data` link
  // of a ConfigMap both count. The first call always gives a table. A file that is gone or cannot
  // be read leaves the last good table and is reported once. `now` is the time of the call. Never
  // throws but std::bad_alloc.
  Change check(std::chrono::system_clock::time_point now);

  // For the metrics coredns_hosts_entries and coredns_hosts_reload_timestamp_seconds: the last
  // table's entries; when its file was changed, in seconds since 1970, 0 for never read.
  [[nodiscard]] size_t entries() const { return entries_; }
  [[nodiscard]] double file_time() const { return file_time_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Contents;
  [[nodiscard]] bool look(net::FileStamp& stamp, Contents& contents) const;
  [[nodiscard]] Contents read() const;
  void fail(const Contents& contents, bool first, Change& change);
  bool wait_for_more(const Contents& contents, std::chrono::system_clock::time_point now);
  std::shared_ptr<const Table> make_table(HostMap file);

  const std::string path_;
  const bool reverse_;
  std::vector<dns::Name> zones_;
  std::shared_ptr<const HostMap> inline_lines_;
  bool started_ = false;
  bool failing_ = false;  // and the log knows
  bool waited_ = false;   // once for a file that looked half written
  std::optional<net::FileStamp>
      stamp_;                        // of the file that was read last, unless it may change unseen
  std::optional<size_t> text_hash_;  // of the text of the last table
  size_t entries_ = 0;
  double file_time_ = 0;
};

}  // namespace fairlead::plugins::hosts
