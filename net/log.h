// The log: lines to standard output, written by a thread of their own so that a blocked reader
// never blocks an answer.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace fairlead::net {

enum class LogLevel : uint8_t { Debug, Info, Warning, Error };

/// How lines look: text as CoreDNS's, or a JSON object each (net/log_json.h).
enum class LogFormat : uint8_t { Text, Json };

/// The last words of a process that cannot serve, for standard error, with their newline.
std::string fatal_line(LogFormat format, std::string_view text);

/// Thread safe. A call copies its line into a bounded buffer under a short lock and never waits for
/// the descriptor; a line that does not fit is dropped and counted.
class LogSink {
 public:
  static constexpr size_t kCapacity = 1 << 20;

  /// Writes to `fd`, which stays the caller's. `capacity` bounds the octets that wait.
  explicit LogSink(int fd = 1, size_t capacity = kCapacity, LogFormat format = LogFormat::Text);

  /// flush() with one second, then what is left is lost.
  ~LogSink();
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  /// "[LEVEL] TEXT\n". Control characters become \DDD. Debug lines are dropped unless
  /// set_debug(true). As JSON an object with time, level, msg and, below, plugin.
  void write(LogLevel level, std::string_view text);

  /// "[LEVEL] plugin/NAME: TEXT\n".
  void write(LogLevel level, std::string_view plugin, std::string_view text);

  void info(std::string_view text) { write(LogLevel::Info, text); }
  void warning(std::string_view text) { write(LogLevel::Warning, text); }
  void error(std::string_view text) { write(LogLevel::Error, text); }

  /// Whole lines in the sink's format, each with its level and newline, as plugins/log/format.h and
  /// json.h make them. All or none of them are taken.
  void write_lines(std::string_view lines);

  /// Lines without a level; as JSON one object of level INFO.
  void write_plain(std::string_view lines);

  [[nodiscard]] LogFormat format() const { return format_; }

  void set_debug(bool on) { debug_.store(on, std::memory_order_relaxed); }

  /// Waits until nothing waits any more, at most `limit`. False when something still does.
  bool flush(std::chrono::milliseconds limit);

  /// Lines that were dropped: the buffer was full or the descriptor refused them.
  [[nodiscard]] uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void take(std::string_view lines);
  void run();
  void write_out(std::string_view octets);

  // Constant after construction.
  int fd_;
  size_t capacity_;
  LogFormat format_;

  std::atomic<bool> debug_ = false;
  std::atomic<uint64_t> dropped_ = 0;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable filled_;   // there is something to write, or the end
  std::condition_variable written_;  // everything was written
  std::string waiting_;
  bool writing_ = false;
  bool gathering_ = false;
  bool stop_ = false;

  std::atomic<bool> give_up_ = false;
  std::thread writer_;
};

}  // namespace fairlead::net
