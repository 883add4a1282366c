// One connection to a reader of frames, over TLS or not.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/file_descriptor.h"
#include "net/tls_session.h"
#include "plugins/dnstap/frames.h"

namespace fairlead::plugins::dnstap {

/// Used by its sink's thread. Never waits.
class Peer {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kHandshake{5};  // until the reader has accepted

  /// `socket` is connected and non-blocking; `tls` null without TLS. Says READY.
  Peer(net::FileDescriptor socket, std::unique_ptr<net::TlsSession> tls);

  [[nodiscard]] int fd() const { return socket_.get(); }
  /// The events of poll(2) that it waits for.
  [[nodiscard]] short wanted() const;

  /// Reads and writes what it can. False when the conversation is over: error() says why.
  bool go_on();
  [[nodiscard]] const std::string& error() const { return error_; }

  /// The reader takes frames.
  [[nodiscard]] bool is_started() const { return started_; }
  [[nodiscard]] bool is_too_slow(Clock::time_point now) const {
    return !started_ && now >= accept_by_;
  }
  void give(std::span<const uint8_t> frames) {
    plain_.insert(plain_.end(), frames.begin(), frames.end());
  }
  /// Octets that have not left.
  [[nodiscard]] size_t waiting() const { return plain_.size() - sent_ + cipher_.size(); }
  /// Nothing follows.
  void stop();

 private:
  bool read();
  bool write();
  bool write_tls();
  bool hear(std::span<const uint8_t> octets);
  bool fail(std::string why);
  bool fail(int error);

  net::FileDescriptor socket_;
  const std::unique_ptr<net::TlsSession> tls_;
  const Clock::time_point accept_by_;
  ControlReader reader_;
  std::vector<uint8_t> plain_;  // to be sent, behind `sent_`
  size_t sent_ = 0;
  std::vector<uint8_t> cipher_;  // the same, encrypted
  bool started_ = false;
  bool stopped_ = false;
  std::string error_;
};

}  // namespace fairlead::plugins::dnstap
