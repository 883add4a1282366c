#include "plugins/secondary/kept_copy.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <vector>

#include "dns/record_text.h"
#include "net/clock.h"
#include "net/file.h"
#include "net/file_descriptor.h"
#include "net/socket_address.h"
#include "records/master_file.h"
#include "records/zone_builder.h"

namespace fairlead::plugins::secondary {
namespace {

constexpr std::string_view kEnd = "; end of zone\n";
constexpr std::string_view kCompact = "; compact form\n";
constexpr std::string_view kEpoch = "; epoch ";  // and 16 digits of hexadecimal
constexpr size_t kAtOnce = 65536;
constexpr size_t kLongestName = 180;  // names of files have 255 octets

std::string problem(const std::string& what, const std::string& path, int error) {
  return what + " " + path + ": " + net::error_text(error);
}

void append_hex(uint8_t octet, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += kDigits[octet >> 4];
  out += kDigits[octet & 15];
}

bool is_plain(uint8_t octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-';
}

std::string hash_of(const dns::Name& origin) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(origin.view().data(), origin.view().size(), digest.data(), &size, EVP_sha256(),
             nullptr);
  std::string text;
  std::for_each(digest.begin(), digest.begin() + size,
                [&](uint8_t octet) { append_hex(octet, text); });
  return text;
}

std::array<timespec, 2> times_of(double since_1970) {
  timespec time{};
  time.tv_sec = static_cast<time_t>(since_1970);
  time.tv_nsec = static_cast<decltype(time.tv_nsec)>((since_1970 - std::floor(since_1970)) * 1e9);
  return {time, time};
}

// Clocks go wrong: nothing was good later than now.
double good_at_of(const struct stat& status) {
  const double now = std::chrono::duration<double>(net::time_of_day().time_since_epoch()).count();
  return std::min(now, static_cast<double>(status.st_mtim.tv_sec) +
                           static_cast<double>(status.st_mtim.tv_nsec) / 1e9);
}

// Writes in pieces: a zone may be large.
class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}

  // Errno, 0 for none.
  int put(dns::NameView name, const records::ZoneRecord& record) {
    dns::append_zone_line(name, record.type, record.ttl, record.rdata, text_);
    return text_.size() < kAtOnce ? 0 : flush();
  }

  int end(const KnownCopy& copy) {
    if (copy.cluster) text_ += kCompact;
    if (copy.epoch) {
      text_ += kEpoch;
      for (const uint8_t octet : records::epoch_octets(*copy.epoch)) append_hex(octet, text_);
      text_ += '\n';
    }
    text_ += kEnd;
    const int error = flush();
    return error == 0 && fsync(fd_) != 0 ? errno : error;
  }

 private:
  // More than can be read again is not written.
  int flush() {
    octets_ += text_.size();
    const int error = octets_ > records::MasterLimits().octets ? EFBIG : net::write_all(fd_, text_);
    text_.clear();
    return error;
  }

  const int fd_;
  size_t octets_ = 0;
  std::string text_;
};

// What the last line of `text` says, which is taken off it; none when it is no such line.
records::Epoch epoch_at_end(std::string_view& text) {
  constexpr size_t kDigits = 16;
  const size_t size = kEpoch.size() + kDigits + 1;
  if (text.size() <= size) return std::nullopt;
  const std::string_view line = text.substr(text.size() - size);
  uint64_t epoch = 0;
  const char* const digits = line.data() + kEpoch.size();
  const auto [end, error] = std::from_chars(digits, digits + kDigits, epoch, 16);
  const bool is_line = text[text.size() - size - 1] == '\n' && line.starts_with(kEpoch) &&
                       line.ends_with('\n') && error == std::errc() && end == digits + kDigits;
  if (!is_line) return std::nullopt;
  text.remove_suffix(size);
  return epoch;
}

int write_zone(int fd, const KnownCopy& copy) {
  const records::Zone& zone = *copy.zone;
  Output out(fd);
  for (const auto& node : zone.nodes()) {
    for (const records::ZoneRecord record : zone.records(node)) {
      if (const int error = out.put(zone.name(node), record)) return error;
    }
  }
  return out.end(copy);
}

std::shared_ptr<const records::Zone> parse(const std::string& path, std::string_view text,
                                           const dns::Name& origin, std::string& error) {
  records::ZoneBuilder builder(origin);
  builder.expect_text(text.size());
  std::string wrong;
  error = records::read_master_file(
      {path, text}, origin,
      [](const std::string&, std::string&) { return "copies include nothing"; },
      {[&](const dns::TextRecord& record) {
        if (wrong.empty())
          wrong = builder.add(record.owner(), record.type(), record.ttl(), record.rdata());
      }});
  if (error.empty() && !wrong.empty()) error = path + ": " + wrong;
  if (error.empty() && !builder.has_soa())
    error = path + ": has no SOA record for origin " + dns::to_text(origin.view());
  return error.empty() ? builder.finish() : nullptr;
}

}  // namespace

std::string file_name(const dns::Name& origin) {
  const dns::NameView name = origin.view();
  std::string text;
  for (size_t at = 0; name[at] != 0; at += name[at] + 1U) {
    if (at > 0) text += '.';
    for (const uint8_t octet : name.subspan(at + 1, name[at])) {
      if (is_plain(octet)) {
        text += static_cast<char>(octet);
      } else {
        text += '_';
        append_hex(octet, text);
      }
    }
  }
  if (text.size() > kLongestName) text = "__" + hash_of(origin);
  return (text.empty() ? "_" : text) + ".zone";
}

std::string write_copy(const std::string& path, const KnownCopy& copy) {
  const std::string temporary = path + ".new";
  // Some zones are for those only who have a key.
  constexpr mode_t kForUs = 0600;
  unlink(temporary.c_str());  // of a write that ended half-way
  const net::FileDescriptor file(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kForUs));
  if (!file.is_open()) return problem("open", temporary, errno);
  int error = write_zone(file.get(), copy);
  const auto times = times_of(copy.good_at);
  if (error == 0 &&
      (futimens(file.get(), times.data()) != 0 || rename(temporary.c_str(), path.c_str()) != 0))
    error = errno;
  if (error == 0) return {};
  unlink(temporary.c_str());
  return problem("write", path, error);
}

bool touch_copy(const std::string& path, double good_at) {
  return utimensat(AT_FDCWD, path.c_str(), times_of(good_at).data(), 0) == 0;
}

KnownCopy read_copy(const std::string& path, const dns::Name& origin, std::string& error) {
  error.clear();
  // A pipe would block.
  const net::FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) {
    if (errno != ENOENT) error = problem("open", path, errno);
    return {};
  }
  struct stat status {};
  if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    error = "open " + path + ": is not a regular file";
    return {};
  }
  std::string text;
  if (const int failed = net::read_file(file.get(), records::MasterLimits().octets, text)) {
    error = problem("read", path, failed);
    return {};
  }
  if (!text.ends_with(kEnd)) {
    error = path + ": is not whole";
    return {};
  }
  KnownCopy copy{parse(path, text, origin, error), good_at_of(status)};
  std::string_view last(text);
  last.remove_suffix(kEnd.size());
  copy.epoch = epoch_at_end(last);
  if (!copy.zone || !last.ends_with(kCompact)) return copy;
  std::string wrong;
  copy.cluster = records::cluster_of(*copy.zone, wrong);
  if (copy.cluster && copy.epoch) return copy;
  error = path + ": " + (wrong.empty() ? "has no epoch" : wrong);
  return {};
}

}  // namespace fairlead::plugins::secondary
