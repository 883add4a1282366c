// The identity of a server while its certificate is renewed: files that are read again when they
// change.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "metrics/family_set.h"
#include "net/asio.h"
#include "net/current_tls.h"
#include "net/log.h"
#include "net/ticket_keys.h"
#include "plugins/tls_identity.h"

namespace fairlead::plugins::tls {

/// Whatever is wrong with new files, what was read last goes on to be served. One for all
/// directives that say the same, kept over reloads. Made by make_shared; used and destroyed by the
/// control thread.
class Renewal : public std::enable_shared_from_this<Renewal> {
 public:
  static constexpr std::chrono::seconds kEach{5};  // looks at the files

  /// Reads the files. Throws std::runtime_error when they are of no use, or when the key log cannot
  /// be opened. `context` and `log` must outlive it.
  Renewal(TlsIdentity identity, std::shared_ptr<net::TicketKeys> tickets, asio::io_context& context,
          net::LogSink& log);

  /// Looks at the files from now on.
  void start();

  /// Looks at them once: new connections have what they say, or a line in the log says why not.
  void check();

  /// `other` names the same files, whatever they hold now, and wants the same of clients.
  [[nodiscard]] bool is_of(const TlsIdentity& other) const;

  /// What the clients of a transport, one of transports(), are met with.
  [[nodiscard]] std::shared_ptr<const net::CurrentTls> current(const std::string& transport) const {
    return current_.at(transport);
  }
  static std::vector<std::string> transports();

  /// "certificate FILE valid until 2027-01-31T00:00:00Z", and what is wrong with its renewal.
  [[nodiscard]] std::string status() const;

  /// fairlead_tls_certificate_expiry_timestamp_seconds, fairlead_tls_renewals_total.
  void collect(metrics::FamilySet& families) const;

 private:
  // What was read: texts, and what tells them from others. Keys are let go of at once.
  struct Files;
  [[nodiscard]] Files read() const;
  using Contexts = std::map<std::string, std::shared_ptr<const net::TlsContext>>;
  [[nodiscard]] Contexts make(const Files& files) const;
  [[nodiscard]] std::chrono::system_clock::time_point end() const;
  [[nodiscard]] std::string valid_until() const;
  void warn_of_age();

  const TlsIdentity identity_;
  const std::shared_ptr<net::TicketKeys> tickets_;
  net::LogSink& log_;
  net::Timer timer_;
  std::shared_ptr<const net::FileDescriptor> key_log_;
  std::map<std::string, std::shared_ptr<net::CurrentTls>> current_;  // by transport
  size_t seen_ = 0;  // the hash of what was tried last
  std::string trouble_;
  bool is_old_ = false;  // and the log knows
  uint64_t renewed_ = 0, failed_ = 0;
};

}  // namespace fairlead::plugins::tls
