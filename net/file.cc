#include "net/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "net/file_descriptor.h"

namespace fairlead::net {

int read_file(const std::string& path, size_t most, std::string& text) {
  const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  text.clear();
  return fd.is_open() ? read_file(fd.get(), most, text) : errno;
}

int read_file(int fd, size_t most, std::string& text) {
  text.clear();
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
    text.reserve(std::min(most, static_cast<size_t>(status.st_size)));
  char part[16384];
  for (;;) {
    const ssize_t n = ::read(fd, part, sizeof part);
    if (n == 0) return 0;
    if (n < 0 && errno == EINTR) continue;
    const int error = n < 0 ? errno : EFBIG;
    if (n < 0 || static_cast<size_t>(n) > most - text.size()) {
      text.clear();
      return error;
    }
    text.append(part, static_cast<size_t>(n));
  }
}

int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

}  // namespace fairlead::net
