// Passwords against their hashes, on a thread of their own: that takes a tenth of a second or more.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/guard.h"
#include "net/asio.h"

namespace fairlead::http {

/// What a client says in Authorization: Basic (RFC 7617).
struct Credentials {
  std::string user;
  std::string password;
};

/// False when `header` is no such thing.
bool read_credentials(std::string_view header, Credentials& out);

/// Used by one thread, which runs `io`. The thread is started for the first question that needs it.
/// Answers are remembered, of the last kRemembered questions, by a digest: a client that asks again
/// and again with the same password costs nothing. One check at a time, and kWaiting of them wait.
/// stop() comes before the end of `io`.
class Passwords {
 public:
  static constexpr size_t kRemembered = 100;
  static constexpr size_t kWaiting = 64;

  explicit Passwords(asio::io_context& io);
  ~Passwords();
  Passwords(const Passwords&) = delete;
  Passwords& operator=(const Passwords&) = delete;

  using Done = std::function<void(bool is_right)>;

  /// Calls `done` at once or, on the thread of `io`, later; false, without a check, when too many
  /// wait. A user who is not known takes as long as one who is.
  void check(const Rules& rules, const Credentials& credentials, Done done);

  /// Waits for the check that is under way, and forgets all others: their `done` is not called, nor
  /// is one of a later check.
  void stop();

 private:
  struct Worker;
  std::shared_ptr<Worker> worker_;
};

}  // namespace fairlead::http
