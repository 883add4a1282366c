// What tells one state of a file from another, through symbolic links: a file rewritten in place
// and the swapped `..data` link of a ConfigMap or Secret both count.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace fairlead::net {

struct FileStamp {
  dev_t device{};
  ino_t inode{};
  off_t size{};
  int64_t modified{};  // nanoseconds since 1970
  int64_t changed{};
  friend bool operator==(const FileStamp&, const FileStamp&) = default;

  FileStamp() = default;
  explicit FileStamp(const struct stat& status);

  /// None: it is not there, or cannot be looked at.
  static std::optional<FileStamp> of(const std::string& path);

  /// It was changed so shortly before `now`, the time of the look, that it may change again without
  /// another stamp: kernels take the time from a clock of a few milliseconds.
  [[nodiscard]] bool may_change_unseen(std::chrono::system_clock::time_point now) const;
};

}  // namespace fairlead::net
