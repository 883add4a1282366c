#include "plugins/secondary/store.h"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <utility>

#include "net/quietly.h"
#include "net/signals.h"

namespace fairlead::plugins::secondary {
namespace {

constexpr std::chrono::seconds kLast{5};  // for what waits at the end

std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

Store::Store(net::LogSink& log) : log_(log) {
  const net::SignalsBlocked blocked;
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "fl-copies");
    run();
  });
}

Store::~Store() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    last_ = net::Clock::now() + kLast;
  }
  wake_.notify_one();
  thread_.join();
}

KnownCopy Store::read(const std::string& path, const dns::Name& origin) {
  std::string error;
  KnownCopy copy;
  try {
    copy = read_copy(path, origin, error);
  } catch (const std::exception& failure) {  // memory
    error = path + ": " + failure.what();
  }
  if (!error.empty())
    log_.write(net::LogLevel::Warning, "secondary",
               "Kept copy of " + dns::to_text(origin.view()) + " is of no use: " + error);
  if (copy.zone) {
    log_.write(net::LogLevel::Info, "secondary",
               "Read kept copy of " + dns::to_text(origin.view()) + " with serial " +
                   std::to_string(copy.zone->serial()));
    const std::lock_guard lock(mutex_);
    on_disk_[path] = copy.zone;
  }
  return copy;
}

void Store::order(const std::string& path, KnownCopy copy) {
  {
    const std::lock_guard lock(mutex_);
    orders_.insert_or_assign(path, std::move(copy));
  }
  wake_.notify_one();
}

void Store::keep(const std::string& path, KnownCopy copy) {
  order(path, std::move(copy));
}

void Store::forget(const std::string& path) {
  order(path, {});
}

uint64_t Store::failures(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(path);
  return found == failures_.end() ? 0 : found->second;
}

void Store::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !orders_.empty(); });
    if (orders_.empty() || (stopping_ && net::Clock::now() > last_)) return;
    const auto next = orders_.extract(orders_.begin());
    lock.unlock();
    net::quietly([&] { carry_out(next.key(), next.mapped()); });
    lock.lock();
  }
}

bool Store::has(const std::string& path, const KnownCopy& copy) const {
  const std::lock_guard lock(mutex_);
  const auto found = on_disk_.find(path);
  return found != on_disk_.end() && found->second.lock() == copy.zone;
}

void Store::carry_out(const std::string& path, const KnownCopy& copy) {
  if (!copy.zone) {
    unlink(path.c_str());
    const std::lock_guard lock(mutex_);
    on_disk_.erase(path);
    failures_.erase(path);
  } else if (!has(path, copy) || !touch_copy(path, copy.good_at)) {
    write(path, copy);
  }
}

// Memory may run out: that is one write that failed.
void Store::write(const std::string& path, const KnownCopy& copy) {
  std::string error;
  try {
    error = write_copy(path, copy);
  } catch (const std::exception& failure) {
    error = "write " + path + ": " + failure.what();
  }
  note(path, copy, error);
}

void Store::note(const std::string& path, const KnownCopy& copy, const std::string& error) {
  {
    const std::lock_guard lock(mutex_);
    if (error.empty()) {
      on_disk_[path] = copy.zone;
    } else {
      ++failures_[path];
      // The file that was stays: it is as old as it says.
      on_disk_.erase(path);
    }
  }
  if (error.empty()) {
    failing_.erase(folder_of(path));
  } else if (failing_.insert(folder_of(path)).second) {
    log_.write(net::LogLevel::Warning, "secondary", "Copies cannot be kept: " + error);
  }
}

}  // namespace fairlead::plugins::secondary
