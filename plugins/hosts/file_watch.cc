#include "plugins/hosts/file_watch.h"

#include <sys/stat.h>

#include <cerrno>
#include <functional>
#include <system_error>
#include <utility>

#include "net/file.h"
#include "plugins/hosts/answer.h"

namespace fairlead::plugins::hosts {
namespace {

using std::chrono::system_clock;

std::string message_of(int error) {
  return std::generic_category().message(error);
}

}  // namespace

struct FileWatch::Contents {
  net::FileStamp stamp;
  std::string text;       // not read when the stamp is the last one
  std::string error;      // why there is no text
  bool missing = false;   // there is no such file
  bool changing = false;  // it was written to while it was read
};

FileWatch::FileWatch(const Options& options)
    : path_(options.path), reverse_(options.reverse), zones_(Settings(options).zones) {
  // The parser of the directive has already told of lines that cannot be read.
  const HostMap::Reading reading{"inline", zones_, reverse_, nullptr};
  inline_lines_ = std::make_shared<const HostMap>(options.inline_text, reading);
}

bool FileWatch::look(net::FileStamp& stamp, Contents& contents) const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) != 0) {
    contents.missing = errno == ENOENT || errno == ENOTDIR;
    contents.error = message_of(errno);
  } else if (!S_ISREG(status.st_mode)) {
    contents.error = S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file";
  } else if (static_cast<size_t>(status.st_size) > kMaxFileBytes) {
    contents.error = "is larger than 16 MB";
  }
  stamp = net::FileStamp(status);
  return contents.error.empty();
}

FileWatch::Contents FileWatch::read() const {
  Contents contents;
  if (!look(contents.stamp, contents) || contents.stamp == stamp_) return contents;
  if (const int error = net::read_file(path_, kMaxFileBytes, contents.text)) {
    contents.error = message_of(error);
    return contents;
  }
  net::FileStamp after;
  if (look(after, contents)) contents.changing = after != contents.stamp;
  return contents;
}

void FileWatch::fail(const Contents& contents, bool first, Change& change) {
  // A file that is not there from the start was told of when the Corefile was read.
  const bool known = failing_ || (first && contents.missing);
  if (!known) {
    change.warnings.push_back("hosts file " + path_ + ": " + contents.error +
                              (text_hash_ ? ", its last content stays" : ""));
  }
  failing_ = true;
  stamp_.reset();
  if (first) change.table = make_table({});
}

// A file that is rewritten in place is empty for a moment, and may be seen half written: what looks
// like that gets one more look.
bool FileWatch::wait_for_more(const Contents& contents, system_clock::time_point now) {
  const bool partial = contents.text.empty() || contents.text.back() != '\n';
  const bool suspicious = contents.changing || (partial && contents.stamp.may_change_unseen(now));
  waited_ = suspicious && !waited_;
  return waited_;
}

std::shared_ptr<const Table> FileWatch::make_table(HostMap file) {
  auto table = std::make_shared<const Table>(Table{std::move(file), inline_lines_});
  entries_ = table->entries();
  return table;
}

Change FileWatch::check(system_clock::time_point now) {
  Change change;
  const bool first = !std::exchange(started_, true);
  const Contents contents = read();
  if (!contents.error.empty()) {
    fail(contents, first, change);
    return change;
  }
  if (std::exchange(failing_, false)) change.warnings.push_back("hosts file " + path_ + " is back");
  if (contents.stamp == stamp_) return change;
  if (!first && wait_for_more(contents, now)) return change;
  waited_ = false;
  stamp_ = contents.stamp;
  if (contents.changing || contents.stamp.may_change_unseen(now)) stamp_.reset();
  file_time_ = static_cast<double>(contents.stamp.modified) / 1e9;
  const size_t hash = std::hash<std::string>()(contents.text);
  if (text_hash_ == hash) return change;
  text_hash_ = hash;
  const HostMap::Reading reading{path_, zones_, reverse_, &change.warnings};
  change.table = make_table(HostMap(contents.text, reading));
  return change;
}

}  // namespace fairlead::plugins::hosts
