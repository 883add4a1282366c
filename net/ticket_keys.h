// The keys of session tickets (RFC 5077, RFC 8446 §4.6.1): a server that has them goes on with a
// session without having kept it.
#pragma once

#include <openssl/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

namespace fairlead::net {

/// Shared by all contexts whose servers are to resume each other's sessions, over a reload too. Any
/// thread; a mutex is held at a handshake. A key writes tickets for a day and reads them for one
/// more (RFC 9325 §3.4 wants them to be changed); keys never leave the process.
class TicketKeys {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::hours kLife{24};

  /// Throws std::runtime_error when there are no random numbers.
  explicit TicketKeys(Clock::time_point now = Clock::now());
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  struct Ticket {
    std::span<uint8_t, 16> key_name;
    std::span<uint8_t, 16> iv;
    EVP_CIPHER_CTX* cipher;
    EVP_MAC_CTX* mac;
  };
  /// What OpenSSL's callback is to return.
  enum Outcome : int { Failed = -1, Unknown = 0, Usable = 1, ToBeRenewed = 2 };

  /// Prepares cipher and MAC of a new ticket, and fills in key_name and iv.
  Outcome protect(const Ticket& ticket, Clock::time_point now);

  /// Prepares them for a ticket that a client sent.
  Outcome open(const Ticket& ticket, Clock::time_point now);

 private:
  struct Key {
    std::array<uint8_t, 16> name;
    std::array<uint8_t, 32> cipher, mac;
  };

  void rotate(Clock::time_point now);  // under mutex_
  static bool prepare_mac(EVP_MAC_CTX* mac, const Key& key);

  std::mutex mutex_;
  Key current_, previous_;     // under mutex_
  bool has_previous_ = false;  // under mutex_
  Clock::time_point since_;    // of current_; under mutex_
};

}  // namespace fairlead::net
