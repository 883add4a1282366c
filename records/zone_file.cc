#include "records/zone_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

#include "net/file.h"
#include "net/socket_address.h"
#include "records/master_file.h"
#include "records/zone_builder.h"

namespace fairlead::records {
namespace {

using std::chrono::system_clock;

}  // namespace

// Records that are left out are told of one by one, until there are too many.
class LeftOut {
 public:
  void add(const std::string& why) {
    if (count_++ < kMostTold) told_.push_back("A record is left out: " + why);
  }
  [[nodiscard]] size_t count() const { return count_; }
  void tell(std::vector<std::string>& warnings) {
    if (count_ > told_.size())
      told_.push_back(std::to_string(count_ - told_.size()) + " more records are left out");
    std::ranges::move(told_, std::back_inserter(warnings));
  }

 private:
  static constexpr size_t kMostTold = 10;
  size_t count_ = 0;
  std::vector<std::string> told_;
};

// What one look reads.
struct ZoneFile::Reading {
  std::vector<Seen> files;
  size_t hash = 0;
};

ZoneFile::ZoneFile(std::string path, const dns::Name& origin, bool silent)
    : path_(std::move(path)), origin_(origin), silent_(silent) {}

bool ZoneFile::is_as_seen() const {
  return !seen_.empty() && std::ranges::all_of(seen_, [](const Seen& file) {
    return net::FileStamp::of(file.path) == file.stamp;
  });
}

bool ZoneFile::may_change_unseen(system_clock::time_point now) const {
  return std::ranges::any_of(
      seen_, [&](const Seen& file) { return file.stamp && file.stamp->may_change_unseen(now); });
}

std::string ZoneFile::read_file(const std::string& path, std::string& text, Reading& reading) {
  struct stat status {};
  const bool is_there = ::stat(path.c_str(), &status) == 0;
  reading.files.push_back({path, is_there ? std::optional(net::FileStamp(status)) : std::nullopt});
  if (is_there && !S_ISREG(status.st_mode))  // a pipe would block
    return S_ISDIR(status.st_mode) ? "read " + path + ": is a directory"
                                   : "open " + path + ": is not a regular file";
  if (const int error = net::read_file(path, MasterLimits().octets, text))
    return "open " + path + ": " + net::error_text(error);
  // The order of what is included counts, too.
  reading.hash = reading.hash * 31 + std::hash<std::string>()(text);
  return {};
}

std::string ZoneFile::parse_error(const std::string& why) const {
  return "failed to parse file \"" + path_ + "\" for origin " + dns::to_text(origin_.view()) +
         " with error " + why;
}

void ZoneFile::compare(const Zone& next, ZoneChange& change) const {
  const uint32_t before = zone_->serial();
  const auto told = [&](const std::string& how) {
    change.warnings.push_back("Zone \"" + dns::to_text(origin_.view()) + "\" in \"" + path_ +
                              "\" " + how);
  };
  if (next.serial() == before && !silent_) {
    told("has changed, and its SOA serial is still " + std::to_string(before) +
         ": it is served, but secondaries will not see it");
  } else if (next.serial() != before && static_cast<int32_t>(next.serial() - before) <= 0) {
    told("has SOA serial " + std::to_string(next.serial()) + " after " + std::to_string(before) +
         ": secondaries will not follow it backwards");
  }
}

void ZoneFile::parse(std::string text, Reading& reading, ZoneChange& change) {
  ZoneBuilder builder(origin_);
  builder.expect_text(text.size());
  std::string wrong;
  size_t other_classes = 0;
  LeftOut left_out;
  const std::string zone_name = dns::to_text(origin_.view());
  const std::string unreadable = read_master_file(
      {path_, text}, origin_,
      [&](const std::string& path, std::string& out) { return read_file(path, out, reading); },
      {[&](const dns::TextRecord& record) {
         if (record.record_class() != dns::RrClass::In) {
           ++other_classes;
         } else if (wrong.empty()) {
           wrong = builder.add(record.owner(), record.type(), record.ttl(), record.rdata());
         }
       },
       [&](const std::string& why) { left_out.add(why); }});
  if (zone_ && hash_ == reading.hash) return;
  if (!unreadable.empty()) {
    change.error = parse_error(unreadable);
  } else if (!wrong.empty()) {
    change.error = wrong.starts_with("NSEC3") ? wrong : "file \"" + path_ + "\" " + wrong;
  } else if (!builder.has_soa()) {
    change.error = "file \"" + path_ + "\" has no SOA record for origin " + zone_name;
  } else {
    const size_t outside = builder.outside() + other_classes;
    if (outside > 0)
      change.warnings.push_back(std::to_string(outside) + " records of \"" + path_ +
                                "\" lie outside of zone \"" + zone_name + "\"");
    left_out.tell(change.warnings);
    left_out_ = outside + left_out.count();
    std::string().swap(text);  // it is as large as the zone, which is made now
    change.zone = builder.finish();
  }
}

void ZoneFile::read(ZoneChange& change) {
  Reading reading;
  std::string text;
  change.unreadable = read_file(path_, text, reading);
  const bool same = zone_ && files_ == 1 && hash_ == reading.hash;
  if (change.unreadable.starts_with("read "))  // what is there is no file, and will not become one
    change.error = parse_error(std::exchange(change.unreadable, {}));
  if (change.unreadable.empty() && change.error.empty() && !same)
    parse(std::move(text), reading, change);
  if (change.zone) {
    if (zone_) compare(*change.zone, change);
    hash_ = reading.hash;
    files_ = reading.files.size();
    zone_ = change.zone;
    ++reloads_;
  }
  seen_ = std::move(reading.files);
  const std::string problem = change.unreadable + change.error;
  failures_ += problem.empty() ? 0 : 1;
  if (problem == problem_) change.unreadable = change.error = {};
  problem_ = problem;
}

ZoneChange ZoneFile::check(system_clock::time_point now) {
  ZoneChange change;
  if (!is_as_seen()) {
    read(change);
    if (may_change_unseen(now)) seen_.clear();
  }
  if (problem_.empty()) good_at_ = std::chrono::duration<double>(now.time_since_epoch()).count();
  return change;
}

}  // namespace fairlead::records
