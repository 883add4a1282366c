#include "net/file_stamp.h"

namespace fairlead::net {
namespace {

constexpr std::chrono::seconds kStampsLag(1);

int64_t nanoseconds(const timespec& time) {
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileStamp::FileStamp(const struct stat& status)
    : device(status.st_dev),
      inode(status.st_ino),
      size(status.st_size),
      modified(nanoseconds(status.st_mtim)),
      changed(nanoseconds(status.st_ctim)) {}

std::optional<FileStamp> FileStamp::of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileStamp(status);
}

bool FileStamp::may_change_unseen(std::chrono::system_clock::time_point now) const {
  return now.time_since_epoch() - std::chrono::nanoseconds(modified) < kStampsLag;
}

}  // namespace fairlead::net
