// A zone as the files that it is read from change. Used by one thread (the control thread); the
// zones it makes go to the workers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dns/name.h"
#include "net/file_stamp.h"
#include "records/zone.h"

namespace fairlead::records {

/// One look at the files.
struct ZoneChange {
  std::shared_ptr<const Zone> zone;   // null: nothing new
  std::string unreadable;             // why the file cannot be opened or read: "open F: …"
  std::string error;                  // why what was read is no zone
  std::vector<std::string> warnings;  // sentences
};

class ZoneFile {
 public:
  /// `origin` is lower-cased. With `silent` a changed file may have the serial that it had.
  ZoneFile(std::string path, const dns::Name& origin, bool silent);

  /// Looks at the file and those it includes, and reads them when one is another than before: by
  /// device, inode, size and times through symbolic links, so that a file rewritten in place and
  /// the swapped `..data` link of a ConfigMap both count. What reads the same as before is nothing
  /// new. A file that is gone or has mistakes leaves the last good zone, is told of once and read
  /// again when it changes. `now` is the time of the call.
  ZoneChange check(std::chrono::system_clock::time_point now);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const dns::Name& origin() const { return origin_; }
  /// The last good one; null: there was none.
  [[nodiscard]] const std::shared_ptr<const Zone>& zone() const { return zone_; }
  /// When it was read or found unchanged last, in seconds since 1970.
  [[nodiscard]] double good_at() const { return good_at_; }
  /// Records of its files that the zone does not have: they lie outside of it or say nothing.
  [[nodiscard]] size_t left_out() const { return left_out_; }
  [[nodiscard]] uint64_t reloads() const { return reloads_; }
  [[nodiscard]] uint64_t failures() const { return failures_; }

 private:
  struct Seen {
    std::string path;
    std::optional<net::FileStamp> stamp;  // none: it is not there
  };
  struct Reading;

  [[nodiscard]] bool is_as_seen() const;
  [[nodiscard]] bool may_change_unseen(std::chrono::system_clock::time_point now) const;
  static std::string read_file(const std::string& path, std::string& text, Reading& reading);
  [[nodiscard]] std::string parse_error(const std::string& why) const;
  void read(ZoneChange& change);
  void parse(std::string text, Reading& reading, ZoneChange& change);
  void compare(const Zone& next, ZoneChange& change) const;

  const std::string path_;
  const dns::Name origin_;
  const bool silent_;
  std::vector<Seen> seen_;  // empty: to be read whatever they look like
  size_t hash_ = 0;         // of all the text of zone_
  size_t files_ = 0;        // that it was read from
  std::string problem_;     // the last; empty: all is well
  std::shared_ptr<const Zone> zone_;
  size_t left_out_ = 0;
  double good_at_ = 0;
  uint64_t reloads_ = 0;
  uint64_t failures_ = 0;
};

}  // namespace fairlead::records
