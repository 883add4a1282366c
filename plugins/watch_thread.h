// The thread of something that is followed over the network, with an event loop of its own.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "net/asio.h"
#include "net/log.h"

namespace fairlead::plugins {

/// A long list never delays a probe of /health, or what others follow. Used by the control thread.
class WatchThread {
 public:
  /// `what` of `directive` is told in the log when a handler throws. `log` must outlive it.
  WatchThread(net::LogSink& log, std::string directive, std::string what)
      : log_(log), directive_(std::move(directive)), what_(std::move(what)) {}
  WatchThread(const WatchThread&) = delete;
  WatchThread& operator=(const WatchThread&) = delete;

  /// Runs on the thread once that has started. Whatever uses it is destroyed before.
  [[nodiscard]] asio::io_context& context() { return context_; }

  /// Starts it as `name`; `first` is the first that is done there. Called once.
  void start(const char* name, std::function<void()> first);

  /// Does `last` there, and waits until all that is left there is done. False, and nothing done,
  /// when it was never started. To be called before what is used there is destroyed.
  bool end(std::function<void()> last);

 private:
  void run();

  net::LogSink& log_;
  const std::string directive_, what_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace fairlead::plugins
