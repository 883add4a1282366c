#include "net/log.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "net/log_json.h"
#include "net/signals.h"

namespace fairlead::net {

namespace {

constexpr std::chrono::milliseconds kLastFlush{1000};
constexpr int kPollMilliseconds = 100;
constexpr std::chrono::milliseconds kGather{2};

struct LevelWords {
  const char* text;  // in front of a line
  const char* json;
};

LevelWords words_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return {"[DEBUG] ", "DEBUG"};
    case LogLevel::Info:
      return {"[INFO] ", "INFO"};
    case LogLevel::Warning:
      return {"[WARNING] ", "WARN"};
    case LogLevel::Error:
      return {"[ERROR] ", "ERROR"};
  }
  return {"", ""};
}

std::string json_line(std::string_view level, std::string_view plugin, std::string_view text) {
  std::string line;
  begin_json_line(std::chrono::system_clock::now(), level, plugin, text, line);
  return line += "}\n";
}

// One line stays one line, whatever an upstream, an API server or a file put into it.
void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= ' ' && octet != 0x7f) {
      out += c;
      continue;
    }
    out += '\\';
    out += static_cast<char>('0' + octet / 100);
    out += static_cast<char>('0' + octet / 10 % 10);
    out += static_cast<char>('0' + octet % 10);
  }
}

uint64_t count_lines(std::string_view octets) {
  return static_cast<uint64_t>(std::count(octets.begin(), octets.end(), '\n'));
}

}  // namespace

std::string fatal_line(LogFormat format, std::string_view text) {
  return format == LogFormat::Json ? json_line("FATAL", {}, text) : std::string(text) + '\n';
}

LogSink::LogSink(int fd, size_t capacity, LogFormat format)
    : fd_(fd), capacity_(capacity), format_(format) {
  const SignalsBlocked blocked;
  writer_ = std::thread([this] { run(); });
}

LogSink::~LogSink() {
  flush(kLastFlush);
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  give_up_.store(true);
  filled_.notify_one();
  writer_.join();
}

void LogSink::write(LogLevel level, std::string_view text) {
  write(level, {}, text);
}

void LogSink::write(LogLevel level, std::string_view plugin, std::string_view text) {
  if (level == LogLevel::Debug && !debug_.load(std::memory_order_relaxed)) return;
  if (format_ == LogFormat::Json) return take(json_line(words_of(level).json, plugin, text));
  std::string line = words_of(level).text;
  if (!plugin.empty()) {
    line += "plugin/";
    line += plugin;
    line += ": ";
  }
  append_escaped(text, line);
  line += '\n';
  take(line);
}

void LogSink::write_lines(std::string_view lines) {
  if (!lines.empty()) take(lines);
}

void LogSink::write_plain(std::string_view lines) {
  if (format_ == LogFormat::Text) return write_lines(lines);
  if (lines.ends_with('\n')) lines.remove_suffix(1);
  take(json_line(words_of(LogLevel::Info).json, {}, lines));
}

void LogSink::take(std::string_view lines) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + lines.size() > capacity_) {
      dropped_.fetch_add(count_lines(lines), std::memory_order_relaxed);
      return;
    }
    wake = waiting_.empty() && !writing_ && !gathering_;
    waiting_ += lines;
  }
  if (wake) filled_.notify_one();
}

bool LogSink::flush(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return written_.wait_for(lock, limit, [this] { return waiting_.empty() && !writing_; });
}

void LogSink::run() {
  std::string octets;
  std::unique_lock lock(mutex_);
  while (true) {
    filled_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    octets.swap(waiting_);
    writing_ = true;
    lock.unlock();
    write_out(octets);
    octets.clear();
    lock.lock();
    writing_ = false;
    written_.notify_all();
    // When lines are many they are written together: a wake-up for each takes the workers' time.
    gathering_ = true;
    filled_.wait_for(lock, kGather, [this] { return stop_; });
    gathering_ = false;
  }
}

// Polls before each piece of at most PIPE_BUF octets, so that a reader that stopped reading never
// holds this thread beyond one poll and the end of the process stays near.
void LogSink::write_out(std::string_view octets) {
  while (!octets.empty()) {
    pollfd ready{fd_, POLLOUT, 0};
    const int polled = ::poll(&ready, 1, kPollMilliseconds);
    if (polled == 0 || (polled < 0 && errno == EINTR)) {
      if (!give_up_.load()) continue;
      break;
    }
    const ssize_t n = ::write(fd_, octets.data(), std::min<size_t>(octets.size(), PIPE_BUF));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) break;
    octets.remove_prefix(static_cast<size_t>(n));
  }
  dropped_.fetch_add(count_lines(octets), std::memory_order_relaxed);
}

}  // namespace fairlead::net
