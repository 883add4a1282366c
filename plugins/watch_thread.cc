#include "plugins/watch_thread.h"

#include <pthread.h>

#include <exception>
#include <utility>

#include "net/short_turns.h"
#include "net/signals.h"

namespace fairlead::plugins {

void WatchThread::start(const char* name, std::function<void()> first) {
  asio::post(context_, std::move(first));
  const net::SignalsBlocked blocked;
  thread_ = std::thread([this, name] {
    pthread_setname_np(pthread_self(), name);
    net::ask_for_short_turns();  // a change must not wait for workers that are always busy
    run();
  });
}

bool WatchThread::end(std::function<void()> last) {
  if (!thread_.joinable()) return false;
  asio::post(context_, [this, last = std::move(last)] {
    last();
    work_.reset();
  });
  thread_.join();
  return true;
}

// Running out of memory in one handler must not end the server: what was read stays, and deadlines
// bring what is followed back to work.
void WatchThread::run() {
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception& error) {
      log_.write(net::LogLevel::Error, directive_, what_ + ": " + error.what());
    }
  }
}

}  // namespace fairlead::plugins
