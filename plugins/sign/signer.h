// One zone that is kept signed: when it is time or its file changes, a new signed file takes the
// place of the last.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "net/asio.h"
#include "net/log.h"
#include "plugins/sign/setup.h"
#include "plugins/sign/zone_signing.h"
#include "records/zone_file.h"

namespace fairlead::plugins::sign {

/// Made by make_shared; used and destroyed by the control thread, which it never keeps for long.
class Signer : public std::enable_shared_from_this<Signer> {
 public:
  /// `context` and `log` must outlive it.
  Signer(const Options& options, asio::io_context& context, net::LogSink& log);

  /// Signs the zone if it must be, and goes on looking after it.
  void start();

 private:
  void wait();
  void look();
  [[nodiscard]] std::string reason(bool changed) const;
  void begin(const std::string& why);
  void go_on();
  void finish();
  void tell(net::LogLevel level, const std::string& text);
  [[nodiscard]] std::string quoted_zone() const;
  [[nodiscard]] signing::Validity validity(uint32_t now) const;

  const Options options_;
  asio::io_context& context_;
  net::LogSink& log_;
  records::ZoneFile file_;
  net::Timer timer_;
  uint32_t checked_ = 0;  // when the signatures were looked at, in seconds since 1970
  std::unique_ptr<ZoneSigning> signing_;  // while it goes on
  uint64_t began_ = 0;                    // nanoseconds
  bool again_ = false;                    // the file has changed meanwhile
};

}  // namespace fairlead::plugins::sign
