// Copies on their way to the disk, by a thread of their own: disks are slow, and zones large.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "dns/name.h"
#include "net/clock.h"
#include "net/log.h"
#include "plugins/secondary/kept_copy.h"

namespace fairlead::plugins::secondary {

/// One for the process. Used by the control thread, which waits for the disk in read() alone. Of
/// several orders for one path the last counts, so that one zone at most waits for each.
class Store {
 public:
  /// `log` must outlive it.
  explicit Store(net::LogSink& log);
  /// What waits is written, as far as five seconds suffice.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// What the file has; none when it is not there or wrong, which is logged.
  KnownCopy read(const std::string& path, const dns::Name& origin);

  /// The file is to have this copy. One that it has already gets another time only. What cannot be
  /// written is counted, and logged once for its folder until something there can be.
  void keep(const std::string& path, KnownCopy copy);

  /// The file is to go.
  void forget(const std::string& path);

  /// How often the file could not be written.
  [[nodiscard]] uint64_t failures(const std::string& path) const;

 private:
  void order(const std::string& path, KnownCopy copy);
  void run();
  void carry_out(const std::string& path, const KnownCopy& copy);
  [[nodiscard]] bool has(const std::string& path, const KnownCopy& copy) const;
  void note(const std::string& path, const KnownCopy& copy, const std::string& error);
  void write(const std::string& path, const KnownCopy& copy);

  net::LogSink& log_;
  std::set<std::string> failing_;  // folders; the thread's own

  // Guarded by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, KnownCopy> orders_;  // by path; without a zone: the file is to go
  std::map<std::string, std::weak_ptr<const records::Zone>> on_disk_;
  std::map<std::string, uint64_t> failures_;
  bool stopping_ = false;
  net::Clock::time_point last_;  // when the thread gives up, once it stops

  std::thread thread_;
};

}  // namespace fairlead::plugins::secondary
