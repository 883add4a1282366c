// Threads without signals.
#pragma once

#include <pthread.h>
#include <signal.h>

namespace fairlead::net {

/// Threads that are started while it lives inherit its mask: signals are for the main thread alone,
/// and a closed pipe must not be one at all.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace fairlead::net
